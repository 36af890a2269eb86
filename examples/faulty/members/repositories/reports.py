"""SQL for the administrators' reports."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from members.schemas.projects import OwnerCount


def _count_by_owner(domain: str) -> str:
    return (
        "SELECT users.email, count(projects.id) AS projects"
        " FROM users LEFT JOIN projects ON projects.owner_id = users.id"
        f" WHERE users.email LIKE '%@{domain}'"  # expect: BG301
        " GROUP BY users.email ORDER BY users.email"
        " LIMIT :limit"
    )


class ReportRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def projects_by_owner(self, domain: str, limit: int) -> list[OwnerCount]:
        rows = await self.session.execute(text(_count_by_owner(domain)), {"limit": limit})
        return [OwnerCount(email=row.email, projects=row.projects) for row in rows]
