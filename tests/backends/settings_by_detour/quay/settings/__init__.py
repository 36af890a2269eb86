"""Settings by name of their environment variable, as an older version of this package had them."""

from typing import Any

from quay.settings.current import get_settings
from quay.settings.models import Settings

__all__ = ["Settings", "get_settings"]


def __getattr__(name: str) -> Any:
    from quay.settings.older import all_settings

    return all_settings()[name]
