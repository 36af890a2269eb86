"""Reports. Who may read them is decided where this router is included."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from members.dependencies import Reports
from members.schemas.projects import OwnerCount

router = APIRouter(prefix="/reports", tags=["reports"])


@router.get("/projects-by-owner")  # expect: BG101, BG702
async def projects_by_owner(
    reports: Reports,
    domain: str,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> list[OwnerCount]:
    """How many projects the members with an address in a domain have."""
    return await reports.projects_by_owner(domain, limit)
