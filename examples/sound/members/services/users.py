"""What can be done with users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fastapi.concurrency import run_in_threadpool

from members.errors import EmailTakenError, NotFoundError
from members.models import Role, User
from members.schemas.users import UserCreate
from members.security import hash_password, password_matches


class Users(Protocol):
    """What the service needs of a store; tests hand in one without a database."""

    async def get(self, user_id: str) -> User | None: ...
    async def get_by_email(self, email: str) -> User | None: ...
    async def page(self, limit: int, offset: int) -> tuple[Sequence[User], int]: ...
    async def create(self, user: User) -> User: ...
    async def save(self, user: User) -> None: ...


class UserService:
    def __init__(self, users: Users) -> None:
        self.users = users

    async def register(self, data: UserCreate) -> User:
        if await self.users.get_by_email(data.email):
            raise EmailTakenError
        password_hash = await run_in_threadpool(hash_password, data.password)
        user = User(email=data.email, name=data.name, role=Role.MEMBER, password_hash=password_hash)
        return await self.users.create(user)

    async def find(self, user_id: str) -> User:
        user = await self.users.get(user_id)
        if user is None:
            raise NotFoundError("No such user")
        return user

    async def change_role(self, user_id: str, role: Role) -> User:
        user = await self.find(user_id)
        user.role = role
        await self.users.save(user)
        return user

    async def page(self, limit: int, offset: int) -> tuple[Sequence[User], int]:
        return await self.users.page(limit, offset)

    async def authenticate(self, email: str, password: str) -> User | None:
        user = await self.users.get_by_email(email)
        if user is None or not await run_in_threadpool(password_matches, password, user.password_hash):
            return None
        return user
