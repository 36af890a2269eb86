from fastapi import APIRouter

router = APIRouter()
FREE = [1, 2, 3]


@router.get("")
def free() -> list[int]:
    return FREE


@router.post("/{number}")
def occupy(number: int) -> list[int]:
    FREE[:] = [quay for quay in FREE if quay != number]
    return FREE
