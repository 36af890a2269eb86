"""Who calls, and what a handler is given."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, HTTPException, Request, status
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.ext.asyncio import AsyncSession

from members.database import get_db
from members.models import Role
from members.repositories.projects import ProjectRepository
from members.repositories.reports import ReportRepository
from members.repositories.users import UserRepository
from members.security import Principal, read_token
from members.services.projects import ProjectService
from members.services.users import UserService
from members.settings import Settings

bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/token")
Session = Annotated[AsyncSession, Depends(get_db)]


def get_settings(request: Request) -> Settings:
    return request.app.state.settings


async def current_principal(
    token: Annotated[str, Depends(bearer)], settings: Annotated[Settings, Depends(get_settings)]
) -> Principal:
    principal = read_token(token, settings)
    if principal is None:
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, "Not signed in", headers={"WWW-Authenticate": "Bearer"}
        )
    return principal


async def require_admin(principal: Annotated[Principal, Depends(current_principal)]) -> Principal:
    if principal.role is not Role.ADMIN:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "Administrators only")
    return principal


def user_service(session: Session) -> UserService:
    return UserService(UserRepository(session))


def project_service(session: Session) -> ProjectService:
    return ProjectService(ProjectRepository(session))


def report_repository(session: Session) -> ReportRepository:
    return ReportRepository(session)


CurrentPrincipal = Annotated[Principal, Depends(current_principal)]
Admin = Annotated[Principal, Depends(require_admin)]
Users = Annotated[UserService, Depends(user_service)]
Projects = Annotated[ProjectService, Depends(project_service)]
Reports = Annotated[ReportRepository, Depends(report_repository)]
