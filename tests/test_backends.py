"""Whole small applications: the gate's inventory and findings against the framework's answer and the markers.

``tests/refresh_backends.py`` asks the framework and says what stands in an ``expected.json``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import judging

BACKENDS = Path(__file__).parent / "backends"
NAMES = sorted(file.parent.name for file in BACKENDS.glob("*/expected.json"))

LIBRARY_FORMS = {
    "fastapi:OAuth2PasswordRequestForm": {
        "grant_type",
        "username",
        "password",
        "scope",
        "client_id",
        "client_secret",
    }
}
"""Fields that a class of the framework reads from the body: its own affair, no parameter of the project."""

Row = dict[str, Any]


def _path(path: str) -> str:
    """Without converters, which say how a part is matched, not where it is."""
    return re.sub(r"\{(\w+):[^{}]*\}", r"{\1}", path) or "/"


def _dependency(name: str) -> str:
    """As ``refresh_backends.py`` writes them: where the framework keeps its classes is its own affair."""
    if name.startswith(("fastapi.", "starlette.")):
        return f"fastapi:{name.rsplit('.', 1)[1]}"
    return name.removesuffix(".__init__")


def _methods(methods: list[str]) -> str:
    return ",".join(sorted(set(methods) - {"HEAD", "OPTIONS"} or methods))


def _expected(route: Row) -> Row:
    row = {key: route[key] for key in ("handler", "at", "dependencies", "bodies", "auth")}
    row["at"] = route.get("included", row["at"])
    for form in LIBRARY_FORMS.keys() & set(route["dependencies"]):
        row["bodies"] = {
            name: kind for name, kind in row["bodies"].items() if name not in LIBRARY_FORMS[form]
        }
    return {**row, "methods": _methods(route["methods"]), "path": _path(route["path"])}


def _actual(endpoint: Row) -> Row:
    dependencies = endpoint["dependencies"]
    return {
        "methods": _methods(endpoint["methods"]),
        "path": _path(endpoint["path"]),
        "handler": endpoint["handler"].replace(".<locals>", ""),
        "at": f"{endpoint['file']}:{endpoint['line']}",
        "dependencies": dependencies and sorted({_dependency(name) for name in dependencies}),
        "bodies": {body["name"]: "untyped" if body["untyped"] else "typed" for body in endpoint["bodies"]},
        "auth": endpoint["auth"]["verdict"],
    }


def _by_route(rows: list[Row]) -> dict[str, list[Row]]:
    """Rows by method and path, in order: of two rows for the same route the framework takes the first."""
    table: dict[str, list[Row]] = {}
    for row in rows:
        table.setdefault(f"{row['methods']} {row['path']}", []).append(row)
    return dict(sorted(table.items()))


@pytest.mark.parametrize("name", NAMES)
def test_inventory_is_what_the_framework_says(name: str, tmp_path: Path) -> None:
    expected = json.loads((BACKENDS / name / "expected.json").read_text(encoding="utf-8"))["routes"]

    _, inventory = judging.run("routes", BACKENDS / name, tmp_path)

    endpoints = [*inventory["endpoints"], *inventory["off_by_default"]]
    off = [_path(row["path"]) for row in expected if row.get("by_default") is False]
    assert sorted(_path(row["path"]) for row in inventory["off_by_default"]) == sorted(off)
    assert _by_route([_actual(row) for row in endpoints]) == _by_route([_expected(row) for row in expected])
    conditional = {_path(row["path"]) for row in endpoints if row["conditions"]}
    for row in expected:
        if "conditional" in row:
            assert (_path(row["path"]) in conditional) is row["conditional"], row["path"]


@pytest.mark.parametrize("name", NAMES)
def test_findings_are_the_marked_ones(name: str, tmp_path: Path) -> None:
    _, report = judging.run("check", BACKENDS / name, tmp_path)

    assert judging.differences(judging.marked(BACKENDS / name), judging.found(report)) == []


def test_every_folder_has_an_expectation() -> None:
    folders = {file.name for file in BACKENDS.iterdir() if file.is_dir() and file.name != "__pycache__"}
    assert folders == set(NAMES)


def test_every_verdict_was_decided_by_a_reader() -> None:
    for name in NAMES:
        routes = json.loads((BACKENDS / name / "expected.json").read_text(encoding="utf-8"))["routes"]
        assert routes, name
        assert "?" not in {route["auth"] for route in routes}, name
