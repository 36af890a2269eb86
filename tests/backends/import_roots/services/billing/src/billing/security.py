from fastapi import HTTPException, Request


def clerk(request: Request) -> str:
    name = request.headers.get("X-API-Key")
    if not name:
        raise HTTPException(status_code=401)
    return name
