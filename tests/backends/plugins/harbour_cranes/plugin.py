from fastapi import APIRouter

router = APIRouter()
LIFTED: list[str] = []


@router.post("/lift/{load}")  # expect: BG101
def lift(load: str) -> list[str]:
    LIFTED.append(load)
    return LIFTED
