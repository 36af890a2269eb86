"""A few users over HTTP: too few tests, and none that is refused."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.testclient import TestClient

from members.models import Role, User

ANNA = {"email": "anna@example.org", "name": "Anna", "password": "correct horse battery"}


def test_signing_in(client: TestClient, add_user: Callable[[str, Role], User]) -> None:
    add_user("anna@example.org", Role.MEMBER)
    form = {"username": "anna@example.org", "password": "correct horse battery"}

    token = client.post("/api/v1/auth/token", data=form).json()["access_token"]

    me = client.get("/api/v1/users/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["email"] == "anna@example.org"


def test_an_administrator_registers_a_user(client: TestClient, admin: dict[str, str]) -> None:
    response = client.post("/api/v1/users", json=ANNA, headers=admin)

    assert response.status_code == 201


def test_health(client: TestClient) -> None:
    assert client.get("/health").status_code == 200
