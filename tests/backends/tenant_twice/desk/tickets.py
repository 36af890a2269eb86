from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path
from fastapi.security import APIKeyHeader

key = APIKeyHeader(name="X-Key")
router = APIRouter(prefix="/tickets")
OPEN: list[str] = []


def agent(value: str = Depends(key)) -> str:
    if value != "agent":
        raise HTTPException(status_code=401)
    return value


def tenant(tenant: Annotated[str, Path(min_length=2)]) -> str:
    return tenant


@router.get("", dependencies=[Depends(agent)])
def tickets() -> list[str]:
    return OPEN


@router.post("/{title}")
def open_ticket(title: str, by: Annotated[str, Depends(agent)]) -> str:
    OPEN.append(title)
    return by
