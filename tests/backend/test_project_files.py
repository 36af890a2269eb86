"""Patterns that code lists its own folders by."""

from __future__ import annotations

import pytest

from backend_gate.backend.project_files import ProjectFiles, matching

FILES = ProjectFiles({name: f"{name.replace('.', '/')}.py" for name in ("a", "b.a", "b.c.a", "b.c.d")})


@pytest.mark.parametrize(
    ("folder", "pattern", "expected"),
    [
        ("", "*.py", ["a.py"]),
        ("", "**/a.py", ["a.py", "b/a.py", "b/c/a.py"]),
        ("b", "**/*.py", ["b/a.py", "b/c/a.py", "b/c/d.py"]),
        ("", "b/**/a.py", ["b/a.py", "b/c/a.py"]),
        ("b", "*/d.py", ["b/c/d.py"]),
        ("b", "**", ["b/a.py", "b/c", "b/c/a.py", "b/c/d.py"]),
    ],
)
def test_what_a_pattern_finds(folder: str, pattern: str, expected: list[str]) -> None:
    assert matching(FILES, folder, pattern) == expected


def test_many_wildcards_take_no_longer_than_one() -> None:
    """Tried one after the other, these would be more ways than anybody can wait for."""
    deep = ProjectFiles({"x": f"{'a/' * 60}x.py"})

    assert matching(deep, "", "**/a/" * 25 + "y.py") == []
