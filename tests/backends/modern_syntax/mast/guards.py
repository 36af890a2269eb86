from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request

KEYS = {"k-1": "anna"}


def sailor(request: Request) -> str:
    match request.headers.get("X-API-Key"):
        case None | "":
            raise HTTPException(status_code=401)
        case key if key in KEYS:
            return KEYS[key]
        case key:
            raise HTTPException(status_code=403, detail=f"no {"such"} key: {key!r}")


type Sailor = Annotated[str, Depends(sailor)]
type Open = dict[str, Any]
