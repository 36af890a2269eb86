from pydantic import AliasChoices, AliasPath, Field
from pydantic_settings import BaseSettings


class TestingSettings(BaseSettings):
    test_mode: bool = Field(default=False, description="Adds what only tests need.")


class Settings(BaseSettings):
    testing: TestingSettings = Field(default_factory=TestingSettings)
    pages: str = ""
    environment: str | None = None
    metrics: bool = Field(
        default=False, validation_alias=AliasChoices(AliasPath("metrics"), "quay_metrics", "quay_enable_metrics")
    )
