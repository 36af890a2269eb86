"""What can be done with projects. Everybody sees and changes their own only."""

from __future__ import annotations

from collections.abc import Sequence

from members.errors import NotFoundError
from members.models import Project
from members.repositories.projects import ProjectRepository
from members.schemas.projects import ProjectCreate


class ProjectService:
    def __init__(self, projects: ProjectRepository) -> None:
        self.projects = projects

    async def create(self, data: ProjectCreate, owner_id: str) -> Project:
        return await self.projects.create(Project(title=data.title, owner_id=owner_id))

    async def find(self, project_id: str, owner_id: str) -> Project:
        project = await self.projects.get_owned(project_id, owner_id)
        if project is None:
            raise NotFoundError("No such project")
        return project

    async def page(self, owner_id: str, limit: int, offset: int) -> tuple[Sequence[Project], int]:
        return await self.projects.page_of_owner(owner_id, limit, offset)

    async def delete(self, project_id: str, owner_id: str) -> None:
        await self.projects.delete(await self.find(project_id, owner_id))
