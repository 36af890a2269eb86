from fastapi import APIRouter

PEARS: list[str] = []
router = APIRouter(prefix="/pears")


@router.post("/{sort}")  # expect: BG101
def plant(sort: str) -> int:
    PEARS.append(sort)
    return len(PEARS)
