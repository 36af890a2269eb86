"""Who signed in."""

from pydantic import BaseModel


class OIDCUser(BaseModel):
    sub: str
    email: str | None = None
    preferred_username: str | None = None
    roles: list[str] = []
    extra_fields: dict = {}
