"""Passwords and tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ValidationError

from members.models import Role
from members.settings import Settings

ALGORITHM = "HS256"
_hasher = PasswordHasher()


class Principal(BaseModel):
    """Who calls: the subject of a token and the role it was given."""

    id: str
    role: Role


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def password_matches(password: str, password_hash: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def issue_token(principal: Principal, settings: Settings) -> str:
    expires = datetime.now(UTC) + timedelta(minutes=settings.token_minutes)
    claims = {"sub": principal.id, "role": principal.role.value, "exp": expires}
    return jwt.encode(claims, settings.secret_key.get_secret_value(), algorithm=ALGORITHM)


def read_token(token: str, settings: Settings) -> Principal | None:
    """The principal of a valid token, ``None`` for any other."""
    try:
        claims = jwt.decode(
            token,
            settings.secret_key.get_secret_value(),
            algorithms=[ALGORITHM],
            options={"require": ["sub", "exp"]},
        )
        return Principal(id=claims["sub"], role=claims.get("role"))
    except (jwt.InvalidTokenError, ValidationError):
        return None
