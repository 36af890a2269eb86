from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    allow_guests: bool = False
    secret: str = "change me"


settings = Settings()
