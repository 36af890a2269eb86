"""The part of the configuration that is about tests: suites, their data, and how to run them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from backend_gate.errors import SettingsError

Key = tuple[str | int, ...]

UNIT, INTEGRATION = "unit", "integration"
THRESHOLDS = {UNIT: 80.0, INTEGRATION: 70.0}
"""What the standard asks for, in percent; any other suite has the first one's unless it says more."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,40}")
_MARKER = re.compile(r"[A-Za-z0-9_ ()]+")


class Suite(msgspec.Struct, frozen=True):
    """One suite of tests.

    ``threshold`` in percent. ``tests`` are paths and ``marker`` is an expression of pytest markers that select
    its tests. ``data`` are files of coverage, as patterns with ``*``, relative to the configuration; empty: what
    ``backend-gate test`` has recorded. ``contexts`` are regular expressions that pick its part out of data
    shared by several suites. ``declared`` tells it from the two that hold where nothing is said. ``line`` is where
    it is configured, 0 if nowhere.
    """

    name: str
    threshold: float = THRESHOLDS[UNIT]
    tests: tuple[str, ...] = ()
    marker: str = ""
    data: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    declared: bool = True
    line: int = 0


class PytestRun(msgspec.Struct, frozen=True):
    """How ``backend-gate test`` starts Python. ``command`` goes before ``python`` (``uv run``); ``python`` is an
    interpreter, relative to the configuration. Empty: found."""

    command: tuple[str, ...] = ()
    python: str = ""


DEFAULT_SUITES = tuple(Suite(name, threshold, declared=False) for name, threshold in THRESHOLDS.items())


class Reader(Protocol):
    """What :mod:`backend_gate.settings` offers to those who read a part of the configuration."""

    file: Path

    def error(self, key: Key, message: str, hint: str) -> SettingsError:
        """An error at the place of ``key``."""

    def line(self, key: Key) -> int:
        """The line of ``key``."""

    def texts(self, key: Key, value: object) -> tuple[str, ...]:
        """A list of strings that are not empty."""

    def kind(self, value: object) -> str:
        """The TOML type of a value, with its article."""

    def known_keys(self, place: Key, table: Mapping[str, object], known: Sequence[str]) -> None:
        """Refuse keys that do not exist."""


def read_suites(reader: Reader, key: Key, value: object) -> tuple[Suite, ...]:
    """The tables below ``[tool.backend-gate.suites]``, in their order.

    Raises:
        SettingsError: one of them is wrong.
    """
    if not isinstance(value, dict):
        raise reader.error(
            key,
            f"suites is {reader.kind(value)}",
            "Write a table for each suite: [tool.backend-gate.suites.unit].",
        )
    return tuple(_suite(reader, (*key, name), name, table) for name, table in value.items())


def read_test_run(reader: Reader, key: Key, value: object) -> PytestRun:
    """The table ``[tool.backend-gate.test]``.

    Raises:
        SettingsError: it is wrong.
    """
    if not isinstance(value, dict):
        raise reader.error(
            key,
            f"test is {reader.kind(value)}",
            'Write a table: [tool.backend-gate.test] with command = ["uv", "run"].',
        )
    reader.known_keys(key, value, ("command", "python"))
    command = reader.texts((*key, "command"), value.get("command", []))
    python = _text(reader, (*key, "python"), value.get("python", ""), 'such as ".venv/bin/python"')
    return PytestRun(command, python)


def read_percent(reader: Reader, key: Key, value: object) -> float:
    """A percentage.

    Raises:
        SettingsError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        shown = str(value) if is_number else reader.kind(value)
        raise reader.error(key, f"{key[-1]} is {shown}", "Write a percentage between 0 and 100, such as 80.")
    return float(value)


def _suite(reader: Reader, key: Key, name: str, table: object) -> Suite:
    if not _NAME.fullmatch(name):
        raise reader.error(
            key,
            f'"{name}" is no name of a suite',
            "Use lower-case letters, digits, - and _, such as unit or end-to-end.",
        )
    if not isinstance(table, dict):
        raise reader.error(
            key, f"the suite {name} is {reader.kind(table)}", "Write it as a table, even if empty."
        )
    reader.known_keys(key, table, ("threshold", "tests", "marker", "data", "contexts"))
    default = THRESHOLDS.get(name, THRESHOLDS[UNIT])
    marker = _text(reader, (*key, "marker"), table.get("marker", ""), 'such as "integration"')
    if marker and not _MARKER.fullmatch(marker):
        raise reader.error(
            (*key, "marker"),
            f'marker is "{marker}"',
            'Write an expression of pytest markers, such as "not slow".',
        )
    return Suite(
        name=name,
        threshold=read_percent(reader, (*key, "threshold"), table.get("threshold", default)),
        tests=_paths(reader, (*key, "tests"), table.get("tests", [])),
        marker=marker,
        data=_patterns(reader, (*key, "data"), table.get("data", [])),
        contexts=_expressions(reader, (*key, "contexts"), table.get("contexts", [])),
        line=reader.line(key),
    )


def _text(reader: Reader, key: Key, value: object, example: str) -> str:
    if not isinstance(value, str):
        raise reader.error(key, f"{key[-1]} is {reader.kind(value)}", f"Write a string, {example}.")
    return value.strip()


def _paths(reader: Reader, key: Key, value: object) -> tuple[str, ...]:
    """Files and folders of tests, below the configuration."""
    base = reader.file.parent.resolve()
    paths = reader.texts(key, [value] if isinstance(value, str) else value)
    for position, text in enumerate(paths):
        path = (base / text).resolve()
        if not path.is_relative_to(base):
            raise reader.error(
                (*key, position), f'tests: "{text}" leads out of the project', "Name tests of this project."
            )
        if not path.exists():
            raise reader.error(
                (*key, position),
                f'tests: there is no file or folder "{text}"',
                f"Paths are relative to {reader.file.name}.",
            )
    return paths


def _patterns(reader: Reader, key: Key, value: object) -> tuple[str, ...]:
    """Names of data files, which need not be there yet."""
    patterns = reader.texts(key, [value] if isinstance(value, str) else value)
    for position, pattern in enumerate(patterns):
        parts = pattern.replace("\\", "/").split("/")
        if Path(pattern).is_absolute() or ".." in parts or "**" in pattern:
            raise reader.error(
                (*key, position),
                f'data: "{pattern}" is no name below the project',
                'Write it relative to the configuration, such as "reports/unit.json" or ".coverage.*".',
            )
    return patterns


def _expressions(reader: Reader, key: Key, value: object) -> tuple[str, ...]:
    expressions = reader.texts(key, [value] if isinstance(value, str) else value)
    for position, expression in enumerate(expressions):
        try:
            re.compile(expression)
        except re.error as error:
            raise reader.error(
                (*key, position),
                f'contexts: "{expression}" is no regular expression: {error}',
                'Write it as for coverage.py\'s --contexts, such as "^unit$" or "tests/unit/".',
            ) from error
    return expressions
