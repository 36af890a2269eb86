from typing import Annotated

from fastapi import Cookie, HTTPException

SESSIONS = {"s-1": "anna"}


def user_of_session(session: Annotated[str | None, Cookie()] = None) -> str:
    if session not in SESSIONS:
        raise HTTPException(status_code=401)
    return SESSIONS[session]
