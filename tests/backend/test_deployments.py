"""Conditions that say that a route is for development, or for an instance without sign-in."""

from __future__ import annotations

import pytest

from backend_gate.backend.deployments import only_in_development, only_without_sign_in
from backend_gate.backend.model import Condition, Place
from backend_gate.facts.model import Span

PLACE = Place("main.py", Span(1, 1, 1, 1))


@pytest.mark.parametrize(
    ("text", "development", "without_sign_in"),
    [
        ("settings.ENVIRONMENT == 'local'", True, False),
        ("settings.DEBUG", True, False),
        ("config.dev_mode or TESTING", True, False),
        ("settings.env != 'production'", True, False),
        ("not settings.is_production", True, False),
        ("not (settings.ENV == 'prod')", True, False),
        ("app.isDevelopment", True, False),
        ("not settings.DEBUG", False, False),
        ("settings.ENV != 'development'", False, False),
        ("settings.STORAGE == 'local'", False, False),
        ("settings.DEBUG or settings.REPORTS", False, False),
        ("settings.devices", False, False),
        ("NO_AUTH_METRICS", False, True),
        ("settings.auth_disabled", False, True),
        ("not AUTH_ENABLED", False, True),
        ("settings.allow_anonymous", False, True),
        ("AUTH_ENABLED", False, False),
        ("not settings.disable_auth", False, False),
        ("settings.no_cache", False, False),
        ("settings.skip_users_cache", False, False),
        ("not settings.users_cache_enabled", False, False),
        ("settings.auth_enabled and settings.off_peak", False, False),
        ("settings.reports and settings.auth_disabled", False, True),
        ("settings.reports and settings.DEBUG", True, False),
        ("settings.public_url", False, False),
        ("settings.public_access", False, True),
        ("settings.anonymous_telemetry", False, False),
        ("settings.allow_anonymous_users", False, True),
        ("settings.auth_enabled == False", False, True),
        ("settings.users_disabled", False, False),
        ("not settings.users_enabled", False, True),
        ("not settings.production_users", False, False),
        ("not settings.production_mode", True, False),
        ("settings.mode != 'prod'", True, False),
    ],
)
def test_words_of_a_condition(text: str, development: bool, without_sign_in: bool) -> None:
    conditions = [Condition("REPORTS", PLACE, None), Condition(text, PLACE, False)]
    assert (only_in_development(conditions) is not None) is development
    assert (only_without_sign_in(conditions) is not None) is without_sign_in
