from typing import Annotated

from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer

bearer = OAuth2PasswordBearer(tokenUrl="token")


def current_user(token: Annotated[str, Depends(bearer)]) -> str:
    user = {"s3cr3t": "alice"}.get(token)
    if user is None:
        raise HTTPException(status_code=401, detail="Not signed in")
    return user
