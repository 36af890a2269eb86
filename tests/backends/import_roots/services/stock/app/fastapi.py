"""Named like the framework, in a package: the framework's own name stays the framework's."""

from fastapi import APIRouter, Depends, Header, HTTPException

goods = APIRouter()
GOODS: list[str] = []


def keeper(x_api_key: str = Header("")) -> str:
    if x_api_key != "k-1":
        raise HTTPException(status_code=403)
    return x_api_key


@goods.put("/goods/{name}")
def add(name: str, by: str = Depends(keeper)) -> str:
    GOODS.append(name)
    return by
