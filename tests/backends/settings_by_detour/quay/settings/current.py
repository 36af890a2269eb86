from contextvars import ContextVar
from typing import Any

from quay.settings.models import Settings

_active: ContextVar[Any] = ContextVar("settings")


class SettingsContext:
    @classmethod
    def get(cls) -> Any:
        return _active.get(None)


def get_settings() -> Settings:
    """The settings of the block that is active, or those of the environment."""
    context = SettingsContext.get()
    if context is not None:
        return context.settings
    return Settings()
