from fastapi import APIRouter, Depends

from billing.security import clerk

router = APIRouter(prefix="/invoices")
OPEN: list[int] = []


@router.post("/{number}", dependencies=[Depends(clerk)])
def bill(number: int) -> list[int]:
    OPEN.append(number)
    return OPEN
