from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse


class PostError(Exception):
    pass


class UnknownParcel(PostError):
    pass


class Undeliverable(PostError):
    pass


class LabelTorn(Undeliverable):
    pass


class ScaleBroken(Exception):
    pass


STATUS = {UnknownParcel: 404, Undeliverable: 409}


async def answer(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=STATUS.get(type(error), 409))


def add_handlers(app: FastAPI) -> None:
    for kind in STATUS:
        app.add_exception_handler(kind, answer)


def clerk(request: Request) -> None:
    if request.headers.get("Authorization") != "Clerk anna":
        raise HTTPException(status_code=401)
