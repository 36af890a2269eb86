from typing import Any

from quay.settings.models import Settings


def all_settings() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        for choice in getattr(field.validation_alias, "choices", []):
            if isinstance(choice, str):
                found[choice.upper()] = getattr(Settings(), name)
    return found
