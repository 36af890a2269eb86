"""Every test has an application and a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from members.main import create_app
from members.models import Base, Role, User
from members.security import Principal, hash_password, issue_token
from members.settings import Settings

PASSWORD = "correct horse battery"

Headers = dict[str, str]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        secret_key=SecretStr("for tests only, thirty-two characters"),
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'members.db'}",
    )


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    async def create_tables() -> None:
        async with app.state.database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await app.state.database.engine.dispose()

    asyncio.run(create_tables())
    with TestClient(app) as client:
        yield client


@pytest.fixture
def add_user(client: TestClient, app: FastAPI) -> Callable[[str, Role], User]:
    """Puts a user into the database and returns it."""

    def add(email: str, role: Role) -> User:
        user = User(email=email, name="Somebody", role=role, password_hash=hash_password(PASSWORD))

        async def store() -> None:
            async with app.state.database.sessions() as session:
                session.add(user)
                await session.commit()

        client.portal.call(store)
        return user

    return add


@pytest.fixture
def sign_in(settings: Settings) -> Callable[[User], Headers]:
    """The headers of a signed-in user."""

    def headers(user: User) -> Headers:
        token = issue_token(Principal(id=user.id, role=Role(user.role)), settings)
        return {"Authorization": f"Bearer {token}"}

    return headers


@pytest.fixture
def admin(add_user: Callable[[str, Role], User], sign_in: Callable[[User], Headers]) -> Headers:
    return sign_in(add_user("admin@example.org", Role.ADMIN))


@pytest.fixture
def member(add_user: Callable[[str, Role], User], sign_in: Callable[[User], Headers]) -> Headers:
    return sign_in(add_user("member@example.org", Role.MEMBER))
