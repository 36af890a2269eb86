"""Tokens and the throttle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from members.models import Role
from members.security import ALGORITHM, Principal, issue_token, password_matches, read_token
from members.settings import Settings
from members.throttle import SignInThrottle

ANNA = Principal(id="anna", role=Role.ADMIN)


def test_a_token_names_its_principal(settings: Settings) -> None:
    assert read_token(issue_token(ANNA, settings), settings) == ANNA


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "anna", "role": "admin"},
        {"sub": "anna", "role": "admin", "exp": datetime.now(UTC) - timedelta(minutes=1)},
        {"sub": "anna", "role": "owner", "exp": datetime.now(UTC) + timedelta(minutes=1)},
    ],
    ids=["without expiry", "expired", "unknown role"],
)
def test_other_tokens_name_nobody(settings: Settings, claims: dict[str, object]) -> None:
    token = jwt.encode(claims, settings.secret_key.get_secret_value(), algorithm=ALGORITHM)

    assert read_token(token, settings) is None


def test_a_broken_hash_matches_nothing() -> None:
    assert not password_matches("anything", "not a hash")


def test_the_throttle_opens_again() -> None:
    now = [0.0]
    throttle = SignInThrottle(attempts=2, seconds=10, clock=lambda: now[0])

    assert [throttle.allow("a"), throttle.allow("a"), throttle.allow("a")] == [True, True, False]
    assert throttle.allow("b")
    now[0] = 10.0
    assert throttle.allow("a")
