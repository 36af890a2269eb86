from fastapi import APIRouter, Header, HTTPException

SHIPS: list[str] = []
ships = APIRouter(prefix="/ships")
tools = APIRouter(prefix="/tools")
late = APIRouter(prefix="/late")


def pilot(x_api_key: str = Header()) -> str:
    if x_api_key != "p-1":
        raise HTTPException(status_code=401)
    return x_api_key


@ships.get("")
def in_port() -> list[str]:
    return SHIPS


@tools.post("/reset/{name}")
def reset(name: str) -> str:
    SHIPS.clear()
    return name


@late.put("/{name}")
def arrive(name: str) -> list[str]:
    SHIPS.append(name)
    return SHIPS
