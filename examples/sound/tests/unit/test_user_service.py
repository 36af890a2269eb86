"""The user service with a store in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from members.errors import EmailTakenError, NotFoundError
from members.models import Role, User, new_id
from members.schemas.users import UserCreate
from members.services.users import UserService

DATA = UserCreate(email="anna@example.org", name="Anna", password="correct horse battery")


class MemoryUsers:
    def __init__(self) -> None:
        self.rows: dict[str, User] = {}

    async def get(self, user_id: str) -> User | None:
        return self.rows.get(user_id)

    async def get_by_email(self, email: str) -> User | None:
        return next((user for user in self.rows.values() if user.email == email), None)

    async def page(self, limit: int, offset: int) -> tuple[Sequence[User], int]:
        return list(self.rows.values())[offset : offset + limit], len(self.rows)

    async def create(self, user: User) -> User:
        user.id = new_id()
        self.rows[user.id] = user
        return user

    async def save(self, user: User) -> None:
        self.rows[user.id] = user


@pytest.fixture
def service() -> UserService:
    return UserService(MemoryUsers())


def test_registers_a_member(service: UserService) -> None:
    user = asyncio.run(service.register(DATA))

    assert user.email == "anna@example.org"
    assert user.role is Role.MEMBER
    assert user.password_hash != DATA.password


def test_an_address_is_registered_once(service: UserService) -> None:
    asyncio.run(service.register(DATA))

    with pytest.raises(EmailTakenError):
        asyncio.run(service.register(DATA))


def test_changes_a_role(service: UserService) -> None:
    user = asyncio.run(service.register(DATA))

    asyncio.run(service.change_role(user.id, Role.ADMIN))

    assert asyncio.run(service.find(user.id)).role is Role.ADMIN


def test_unknown_user(service: UserService) -> None:
    with pytest.raises(NotFoundError):
        asyncio.run(service.find("nobody"))


@pytest.mark.parametrize(
    ("email", "password", "known"),
    [
        ("anna@example.org", "correct horse battery", True),
        ("anna@example.org", "wrong horse battery", False),
        ("ben@example.org", "correct horse battery", False),
    ],
)
def test_authenticates_by_password(service: UserService, email: str, password: str, known: bool) -> None:
    asyncio.run(service.register(DATA))

    assert (asyncio.run(service.authenticate(email, password)) is not None) is known
