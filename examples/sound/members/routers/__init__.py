"""All routes below ``/api/v1``."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from members.dependencies import require_admin
from members.routers import authentication, projects, reports, users

api = APIRouter(prefix="/api/v1")
api.include_router(authentication.router)
api.include_router(users.router)
api.include_router(projects.router)
api.include_router(reports.router, dependencies=[Depends(require_admin)])
