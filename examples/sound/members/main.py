"""The application. ``uvicorn members.main:create_app --factory`` runs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from members.database import Database
from members.errors import add_error_handlers
from members.routers import api, health
from members.settings import Settings
from members.throttle import SignInThrottle


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.database.close()


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application for these settings, or for those of the environment."""
    settings = settings or Settings()
    app = FastAPI(title="Members", version="1.0.0", lifespan=lifespan)
    app.state.settings = settings
    app.state.database = Database(settings.database_url)
    app.state.throttle = SignInThrottle(settings.sign_in_attempts, settings.sign_in_window_seconds)
    add_error_handlers(app)
    app.include_router(health.router)
    app.include_router(api)
    return app
