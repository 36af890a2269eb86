from fastapi import APIRouter, Depends

from orchard.guard import gardener

APPLES: list[str] = []
router = APIRouter(prefix="/apples", dependencies=[Depends(gardener)])


@router.get("/")
def sorts() -> list[str]:
    return APPLES
