"""Projects and reports over HTTP, with a database."""

from __future__ import annotations

from fastapi.testclient import TestClient

Headers = dict[str, str]


def create(client: TestClient, title: str, headers: Headers) -> dict[str, str]:
    response = client.post("/api/v1/projects", json={"title": title}, headers=headers)
    assert response.status_code == 201
    created: dict[str, str] = response.json()
    return created


def test_projects_come_and_go(client: TestClient, member: Headers) -> None:
    project = create(client, "Roof", member)
    path = f"/api/v1/projects/{project['id']}"

    assert client.get(path, headers=member).json() == project
    assert client.delete(path, headers=member).status_code == 204
    assert client.get(path, headers=member).status_code == 404


def test_projects_are_listed_in_pages(client: TestClient, member: Headers) -> None:
    for title in ("Roof", "Garden", "Cellar"):
        create(client, title, member)

    page = client.get("/api/v1/projects", params={"limit": 2}, headers=member).json()

    assert page["total"] == 3
    assert [item["title"] for item in page["items"]] == ["Cellar", "Garden"]


def test_projects_of_others_are_not_there(client: TestClient, member: Headers, admin: Headers) -> None:
    path = f"/api/v1/projects/{create(client, 'Roof', member)['id']}"

    assert client.get(path, headers=admin).status_code == 404
    assert client.delete(path, headers=admin).status_code == 404
    assert client.get("/api/v1/projects", headers=admin).json()["items"] == []


def test_report_counts_by_owner(client: TestClient, member: Headers, admin: Headers) -> None:
    create(client, "Roof", member)

    report = client.get(
        "/api/v1/reports/projects-by-owner", params={"domain": "example.org"}, headers=admin
    ).json()

    assert report == [
        {"email": "admin@example.org", "projects": 0},
        {"email": "member@example.org", "projects": 1},
    ]


def test_report_takes_no_sql(client: TestClient, admin: Headers) -> None:
    response = client.get(
        "/api/v1/reports/projects-by-owner", params={"domain": "x' OR '1'='1"}, headers=admin
    )

    assert response.status_code == 422
