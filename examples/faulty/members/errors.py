"""What can go wrong in the domain, and how a client learns of it."""

from __future__ import annotations

from fastapi import FastAPI, Request, status
from fastapi.responses import JSONResponse


class DomainError(Exception):
    """Base of everything that the services raise. ``detail`` is written for the client."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotFoundError(DomainError):
    status_code = status.HTTP_404_NOT_FOUND


class ConflictError(DomainError):
    status_code = status.HTTP_409_CONFLICT


class EmailTakenError(ConflictError):
    def __init__(self) -> None:
        super().__init__("Email already registered")


async def answer_domain_error(request: Request, error: DomainError) -> JSONResponse:
    return JSONResponse({"detail": error.detail}, status_code=error.status_code)


def add_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(NotFoundError, answer_domain_error)
