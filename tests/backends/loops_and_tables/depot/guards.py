from fastapi import Header, HTTPException


def api_key(x_api_key: str | None = Header(default=None)) -> str:
    if x_api_key != "expected":
        raise HTTPException(status_code=401)
    return x_api_key
