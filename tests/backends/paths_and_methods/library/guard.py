from fastapi import Header, HTTPException


async def reader(authorization: str = Header()) -> str:
    if not authorization.startswith("Reader "):
        raise HTTPException(status_code=401)
    return authorization.removeprefix("Reader ")
