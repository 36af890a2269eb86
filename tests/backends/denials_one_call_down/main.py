"""The denial stands in what the dependency calls, beside ways around it."""

import os

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import RedirectResponse

KEYS: set[str] = set()
PARCELS: list[str] = []
CHECKING = os.environ.get("CHECKING", "on") == "on"
KIND = os.environ["KIND"]


def check(key: str | None) -> str:
    if not CHECKING:
        return "anybody"
    if key not in KEYS:
        raise HTTPException(401)
    return key


def known_sender(x_key: str | None = Header(None)) -> str:
    """Its callee denies, unless a setting turns the checks off."""
    sender = check(x_key)
    return sender


class OpenDoor:
    def admit(self, key: str | None) -> str | None:
        return key


class Porter:
    def admit(self, key: str | None) -> str | None:
        if key not in KEYS:
            raise HTTPException(401)
        return key


def doorkeeper() -> OpenDoor | Porter:
    if KIND == "porter":
        return Porter()
    return OpenDoor()


def admitted(x_key: str | None = Header(None)) -> str | None:
    """Which of two objects is asked depends on the environment."""
    return doorkeeper().admit(x_key)


def sender_or_none(x_key: str | None = Header(None)) -> str | None:
    """The denial never gets out."""
    try:
        return check(x_key)
    except HTTPException:
        return None


def remembered(request: Request) -> str:
    """Asked a second time in a request: only who has come past the denial is remembered."""
    if hasattr(request.state, "user"):
        return request.state.user
    request.state.user = check_always(request.headers.get("x-api-key"))
    return request.state.user


def check_always(key: str | None) -> str:
    if key not in KEYS:
        raise HTTPException(401)
    return key


app = FastAPI()


@app.post("/parcels")
def hand_in(parcel: str, sender: str = Depends(known_sender)) -> None:
    PARCELS.append(parcel)


@app.post("/letters")
def post(letter: str, sender: str | None = Depends(admitted)) -> None:
    PARCELS.append(letter)


@app.post("/leaflets")  # expect: BG101
def drop(leaflet: str, sender: str | None = Depends(sender_or_none)) -> None:
    PARCELS.append(leaflet)


@app.delete("/post/{number}")
def moved(number: int) -> RedirectResponse:
    """Nothing happens here; what it leads to has a guard of its own."""
    return RedirectResponse(f"/parcels/{number}", status_code=307)


@app.delete("/parcels")
def clear(sender: str = Depends(remembered)) -> None:
    PARCELS.clear()
