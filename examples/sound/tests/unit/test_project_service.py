"""The project service with a store in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from members.errors import NotFoundError
from members.models import Project, new_id
from members.schemas.projects import ProjectCreate
from members.services.projects import ProjectService


class MemoryProjects:
    def __init__(self) -> None:
        self.rows: dict[str, Project] = {}

    async def create(self, project: Project) -> Project:
        project.id = new_id()
        self.rows[project.id] = project
        return project

    async def get_owned(self, project_id: str, owner_id: str) -> Project | None:
        project = self.rows.get(project_id)
        return project if project is not None and project.owner_id == owner_id else None

    async def page_of_owner(self, owner_id: str, limit: int, offset: int) -> tuple[Sequence[Project], int]:
        owned = [project for project in self.rows.values() if project.owner_id == owner_id]
        return owned[offset : offset + limit], len(owned)

    async def delete(self, project: Project) -> None:
        del self.rows[project.id]


@pytest.fixture
def service() -> ProjectService:
    return ProjectService(MemoryProjects())


def test_everybody_sees_their_own_projects(service: ProjectService) -> None:
    roof = asyncio.run(service.create(ProjectCreate(title="Roof"), "anna"))
    asyncio.run(service.create(ProjectCreate(title="Cellar"), "ben"))

    assert asyncio.run(service.find(roof.id, "anna")) is roof
    assert asyncio.run(service.page("anna", 10, 0)) == ([roof], 1)


def test_projects_of_others_are_not_there(service: ProjectService) -> None:
    roof = asyncio.run(service.create(ProjectCreate(title="Roof"), "anna"))

    with pytest.raises(NotFoundError):
        asyncio.run(service.find(roof.id, "ben"))
    with pytest.raises(NotFoundError):
        asyncio.run(service.delete(roof.id, "ben"))


def test_a_deleted_project_is_gone(service: ProjectService) -> None:
    roof = asyncio.run(service.create(ProjectCreate(title="Roof"), "anna"))

    asyncio.run(service.delete(roof.id, "anna"))

    assert asyncio.run(service.page("anna", 10, 0)) == ([], 0)
