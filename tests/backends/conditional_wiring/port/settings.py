from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    debug: bool = False
    sign_in: bool = True
    prefix: str = "/port"


settings = Settings()
