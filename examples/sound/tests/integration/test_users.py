"""Users over HTTP, with a database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from members.models import Role, User

ANNA = {"email": "anna@example.org", "name": "Anna", "password": "correct horse battery"}


def test_an_administrator_registers_a_user(client: TestClient, admin: dict[str, str]) -> None:
    response = client.post("/api/v1/users", json=ANNA, headers=admin)

    assert response.status_code == 201
    created = response.json()
    assert created == {"id": created["id"], "email": "anna@example.org", "name": "Anna", "role": "member"}
    assert client.get(f"/api/v1/users/{created['id']}", headers=admin).json() == created


def test_an_address_is_registered_once(client: TestClient, admin: dict[str, str]) -> None:
    client.post("/api/v1/users", json=ANNA, headers=admin)

    response = client.post("/api/v1/users", json=ANNA, headers=admin)

    assert response.status_code == 409
    assert response.json() == {"detail": "Email already registered"}


@pytest.mark.parametrize(
    "change", [{"email": "anna"}, {"name": ""}, {"password": "short"}], ids=["email", "name", "password"]
)
def test_wrong_input_is_refused(client: TestClient, admin: dict[str, str], change: dict[str, str]) -> None:
    assert client.post("/api/v1/users", json=ANNA | change, headers=admin).status_code == 422


def test_users_are_listed_in_pages(client: TestClient, admin: dict[str, str]) -> None:
    client.post("/api/v1/users", json=ANNA, headers=admin)

    first = client.get("/api/v1/users", params={"limit": 1}, headers=admin).json()
    second = client.get("/api/v1/users", params={"limit": 1, "offset": 1}, headers=admin).json()

    assert (first["total"], second["total"]) == (2, 2)
    assert [page["items"][0]["email"] for page in (first, second)] == [
        "admin@example.org",
        "anna@example.org",
    ]


def test_everybody_reads_their_own_entry(client: TestClient, member: dict[str, str]) -> None:
    assert client.get("/api/v1/users/me", headers=member).json()["email"] == "member@example.org"


def test_unknown_user(client: TestClient, admin: dict[str, str]) -> None:
    response = client.get("/api/v1/users/nobody", headers=admin)

    assert (response.status_code, response.json()) == (404, {"detail": "No such user"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/users"),
        ("GET", "/api/v1/users"),
        ("GET", "/api/v1/users/me"),
        ("GET", "/api/v1/users/1"),
        ("PUT", "/api/v1/users/1/role"),
        ("POST", "/api/v1/projects"),
        ("GET", "/api/v1/projects"),
        ("GET", "/api/v1/projects/1"),
        ("DELETE", "/api/v1/projects/1"),
        ("GET", "/api/v1/reports/projects-by-owner"),
    ],
)
def test_strangers_are_refused(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, path).status_code == 401
    assert client.request(method, path, headers={"Authorization": "Bearer forged"}).status_code == 401


def test_an_administrator_changes_a_role(client: TestClient, admin: dict[str, str]) -> None:
    user = client.post("/api/v1/users", json=ANNA, headers=admin).json()

    response = client.put(f"/api/v1/users/{user['id']}/role", json={"role": "admin"}, headers=admin)

    assert response.json() == user | {"role": "admin"}
    assert client.get(f"/api/v1/users/{user['id']}", headers=admin).json()["role"] == "admin"


def test_members_do_not_promote_themselves(client: TestClient, member: dict[str, str]) -> None:
    mine = client.get("/api/v1/users/me", headers=member).json()

    response = client.put(f"/api/v1/users/{mine['id']}/role", json={"role": "admin"}, headers=member)

    assert response.status_code == 403
    assert client.get("/api/v1/users/me", headers=member).json() == mine


@pytest.mark.parametrize("path", ["/api/v1/users", "/api/v1/users/1", "/api/v1/reports/projects-by-owner"])
def test_members_are_no_administrators(client: TestClient, member: dict[str, str], path: str) -> None:
    assert client.get(path, params={"domain": "example.org"}, headers=member).status_code == 403


def test_signing_in(client: TestClient, add_user: Callable[[str, Role], User]) -> None:
    add_user("anna@example.org", Role.MEMBER)
    form = {"username": "anna@example.org", "password": "correct horse battery"}

    token = client.post("/api/v1/auth/token", data=form).json()["access_token"]

    me = client.get("/api/v1/users/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["email"] == "anna@example.org"


def test_guessing_passwords_is_slowed_down(client: TestClient) -> None:
    form = {"username": "anna@example.org", "password": "guess"}

    answers = [client.post("/api/v1/auth/token", data=form).status_code for _ in range(6)]

    assert answers == [401] * 5 + [429]


def test_health(client: TestClient) -> None:
    response = client.get("/health")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
