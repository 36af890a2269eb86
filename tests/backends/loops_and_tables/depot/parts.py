from fastapi import APIRouter

router = APIRouter()
NAMES: list[str] = []


@router.get("/list")
def list_parts() -> list[str]:
    return NAMES
