"""Projects of the caller."""

from __future__ import annotations

from fastapi import APIRouter, Depends, status

from members.dependencies import CurrentPrincipal, Projects, current_principal
from members.pagination import Page, Paging
from members.schemas.projects import ProjectCreate, ProjectResponse

router = APIRouter(prefix="/projects", tags=["projects"], dependencies=[Depends(current_principal)])


@router.post("", status_code=status.HTTP_201_CREATED)  # expect: BG702
async def create_project(
    data: ProjectCreate, projects: Projects, principal: CurrentPrincipal
) -> ProjectResponse:
    """Start a project."""
    return ProjectResponse.model_validate(await projects.create(data, principal.id))


@router.get("")  # expect: BG702
async def list_projects(
    projects: Projects, principal: CurrentPrincipal, paging: Paging
) -> Page[ProjectResponse]:
    """The caller's projects, by title."""
    items, total = await projects.page(principal.id, paging.limit, paging.offset)
    return Page(
        items=[ProjectResponse.model_validate(item) for item in items],
        total=total,
        limit=paging.limit,
        offset=paging.offset,
    )


@router.get("/{project_id}")  # expect: BG702
async def read_project(project_id: str, projects: Projects, principal: CurrentPrincipal) -> ProjectResponse:
    """One of the caller's projects."""
    return ProjectResponse.model_validate(await projects.find(project_id, principal.id))


@router.delete("/{project_id}", status_code=status.HTTP_204_NO_CONTENT)  # expect: BG702
async def delete_project(project_id: str, projects: Projects, principal: CurrentPrincipal) -> None:
    """End one of the caller's projects."""
    await projects.delete(project_id, principal.id)
