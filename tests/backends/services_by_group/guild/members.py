from fastapi import HTTPException, Request

TOKENS: set[str] = set()


def member(request: Request) -> str:
    token = request.headers.get("authorization")
    if token not in TOKENS:
        raise HTTPException(401)
    return token
