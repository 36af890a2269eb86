import hashlib
import hmac
import os

from fastapi import HTTPException, Request

KEY = os.environ["HOOKS_KEY"].encode()
TOKENS = {"t-1": "anna"}


def signature(text: bytes) -> str:
    return hmac.new(KEY, text, hashlib.sha256).hexdigest()


def _user_of(header: str) -> str:
    name = TOKENS.get(header.removeprefix("Bearer "))
    if name is None:
        raise HTTPException(status_code=401, detail="Unknown token")
    return name


async def authorise(request: Request) -> str:
    return _user_of(request.headers.get("Authorization", ""))
