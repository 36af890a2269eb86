from fastapi import HTTPException, Request


def master(request: Request) -> str:
    name = request.session.get("master")
    if name is None:
        raise HTTPException(status_code=401)
    return name
