"""Signing in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from fastapi.security import OAuth2PasswordRequestForm

from members.dependencies import Users, get_settings
from members.models import Role
from members.schemas.users import Token
from members.security import Principal, issue_token
from members.settings import Settings
from members.throttle import limit_sign_in

router = APIRouter(prefix="/auth", tags=["authentication"])


@router.post("/token", dependencies=[Depends(limit_sign_in)])
async def sign_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    users: Users,
    settings: Annotated[Settings, Depends(get_settings)],
) -> Token:
    """Exchange address and password for a token."""
    user = await users.authenticate(form.username, form.password)
    if user is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Wrong email or password")
    return Token(access_token=issue_token(Principal(id=user.id, role=Role(user.role)), settings))
