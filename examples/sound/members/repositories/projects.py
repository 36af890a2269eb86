"""SQL about projects."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from members.models import Project


class ProjectRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get_owned(self, project_id: str, owner_id: str) -> Project | None:
        query = select(Project).where(Project.id == project_id, Project.owner_id == owner_id)
        return await self.session.scalar(query)

    async def page_of_owner(self, owner_id: str, limit: int, offset: int) -> tuple[Sequence[Project], int]:
        owned = select(Project).where(Project.owner_id == owner_id)
        total = await self.session.scalar(select(func.count()).select_from(owned.subquery()))
        rows = await self.session.scalars(owned.order_by(Project.title).limit(limit).offset(offset))
        return rows.all(), total or 0

    async def create(self, project: Project) -> Project:
        self.session.add(project)
        await self.session.commit()
        return project

    async def delete(self, project: Project) -> None:
        await self.session.delete(project)
        await self.session.commit()
