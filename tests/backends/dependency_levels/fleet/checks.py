from fastapi import Depends, Header, HTTPException, Request


def request_id(request: Request) -> str:
    return request.headers.get("X-Request-ID", "none")


def driver(authorization: str | None = Header(None)) -> str:
    if authorization is None:
        raise HTTPException(401)
    scheme, _, name = authorization.partition(" ")
    if scheme != "Driver":
        raise HTTPException(401)
    return name


def dispatcher(name: str = Depends(driver)) -> str:
    if not name.startswith("d-"):
        raise HTTPException(403)
    return name


def log_use(request: Request, id: str = Depends(request_id)) -> None:
    print(id, request.url.path)
