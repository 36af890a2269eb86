"""Users: administrators register and list them, everybody reads their own entry."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, status

from members.dependencies import Admin, CurrentPrincipal, Users, require_admin
from members.pagination import Page, Paging
from members.schemas.users import RoleChange, UserResponse
from members.security import Principal

router = APIRouter(prefix="/users", tags=["users"])


@router.post("", status_code=status.HTTP_201_CREATED)
async def create_user(data: dict, users: Users, admin: Admin) -> UserResponse:  # expect: BG201
    """Register a member."""
    return UserResponse.model_validate(await users.register(data))  # expect: BG401


@router.get("")  # expect: BG702
async def list_users(users: Users, admin: Admin, paging: Paging) -> Page[UserResponse]:
    """All members, by address."""
    items, total = await users.page(paging.limit, paging.offset)
    return Page(
        items=[UserResponse.model_validate(item) for item in items],
        total=total,
        limit=paging.limit,
        offset=paging.offset,
    )


@router.get("/me")
async def read_me(users: Users, principal: CurrentPrincipal) -> UserResponse:
    """The caller's own entry."""
    return UserResponse.model_validate(await users.find(principal.id))


@router.get("/{user_id}")  # expect: BG702
async def read_user(user_id: str, users: Users, admin: Admin) -> UserResponse:
    """One member."""
    return UserResponse.model_validate(await users.find(user_id))


@router.put("/{user_id}/role")  # expect: BG702
async def change_role(
    user_id: str,
    data: RoleChange,
    users: Users,
    admin: Annotated[Principal, require_admin],  # expect: BG107
) -> UserResponse:
    """Make a member an administrator, or the other way round."""
    return UserResponse.model_validate(await users.change_role(user_id, data.role))
