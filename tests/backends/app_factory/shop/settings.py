from functools import lru_cache

from pydantic import BaseModel


class Settings(BaseModel):
    title: str = "Shop"
    api_prefix: str = "/api/v1"
    read_only: bool = False


@lru_cache
def get_settings() -> Settings:
    return Settings()
