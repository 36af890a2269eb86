"""Who passes, and who is turned away."""

from __future__ import annotations

import asyncio

import pytest
from fastapi import HTTPException

from members.dependencies import current_principal, require_admin
from members.models import Role
from members.security import Principal, issue_token
from members.settings import Settings

ANNA = Principal(id="anna", role=Role.ADMIN)
BEN = Principal(id="ben", role=Role.MEMBER)


def test_a_token_names_who_calls(settings: Settings) -> None:
    assert asyncio.run(current_principal(issue_token(ANNA, settings), settings)) == ANNA


def test_a_forged_token_is_refused(settings: Settings) -> None:
    with pytest.raises(HTTPException) as refused:
        asyncio.run(current_principal("forged", settings))

    assert refused.value.status_code == 401


def test_administrators_pass_and_members_do_not() -> None:
    assert asyncio.run(require_admin(ANNA)) is ANNA
    with pytest.raises(HTTPException) as refused:
        asyncio.run(require_admin(BEN))

    assert refused.value.status_code == 403
