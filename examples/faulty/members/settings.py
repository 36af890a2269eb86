"""What the environment decides."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from ``MEMBERS_*``. The key that signs tokens has no default."""

    model_config = SettingsConfigDict(env_prefix="MEMBERS_")

    secret_key: SecretStr = Field(min_length=32)
    database_url: str = "sqlite+aiosqlite:///members.db"
    token_minutes: int = Field(default=30, ge=1, le=24 * 60)
    sign_in_attempts: int = Field(default=5, ge=1)
    sign_in_window_seconds: int = Field(default=60, ge=1)
