import os
from hmac import compare_digest

from fastapi import HTTPException, Request

LAMP = os.environ["TOWER_LAMP"]


def lamplighter(request: Request) -> str:
    """No word says so, but this header is a key: it is compared with a secret, and 401 is the answer."""
    given = request.headers.get("X-Lamp", "")
    if not compare_digest(given, LAMP):
        raise HTTPException(status_code=401)
    return given


def language(request: Request) -> str:
    """A header that has to be there, and is no credential."""
    code = request.headers.get("Accept-Language")
    if code is None:
        raise HTTPException(status_code=400, detail="Say a language")
    return code
