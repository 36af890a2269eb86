"""The file of a baseline: findings that a team knows and has not mended yet.

TOML with one entry a line, sorted, each line with a comma behind it: it can be read in a review, and two
branches that change different entries merge.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from backend_gate.errors import BaselineError, SettingsError
from backend_gate.settings import Key, read_toml
from backend_gate.toml_positions import key_lines

NAME = ".backend-gate-baseline.toml"
VERSION = 1

_HEAD = """\
# Findings that are known and do not fail. Written by `backend-gate baseline write`, which shortens the
# list; commit it. `backend-gate baseline show` says more.
"""
_WRITE = "Correct it, or remove the file: `backend-gate baseline write` makes a new one."
_CONFLICT = "If it is the conflict of a merge, keep the entries of both sides and remove the marks."


class BaselineEntry(msgspec.Struct, frozen=True, order=True):
    """One line of a baseline: ``count`` findings with one fingerprint.

    The fields are those of :class:`~backend_gate.settle.fingerprint.Fingerprint`; ``file`` is relative to
    the folder of the baseline, in a verdict to the root of the tree.
    """

    file: str
    rule: str
    symbol: str
    code: str
    count: int = 1


def read_baseline(file: Path) -> tuple[BaselineEntry, ...]:
    """The entries of a baseline, sorted; of several lines about the same the smallest count holds.

    Raises:
        BaselineError: it cannot be read or is no baseline; names the line.
    """
    try:
        document = read_toml(file)
    except SettingsError as error:
        hint = _CONFLICT if "TOML" in error.message else error.hint
        raise BaselineError(error.message, hint, file=file, line=error.line) from error
    return _Reader(file, document).entries()


def render_baseline(entries: Iterable[BaselineEntry]) -> str:
    """The text of a baseline with these entries."""
    lines = [f"version = {VERSION}", "findings = ["]
    for entry in sorted(entries):
        fields = [f"{name} = {_quoted(getattr(entry, name))}" for name in ("file", "rule", "symbol", "code")]
        if entry.count != 1:
            fields.append(f"count = {entry.count}")
        lines.append(f"  {{ {', '.join(fields)} }},")
    return _HEAD + "\n".join([*lines, "]"]) + "\n"


def summed(entries: Iterable[BaselineEntry]) -> list[BaselineEntry]:
    """The entries with those about the same added up, sorted."""
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for entry in entries:
        counts[entry.file, entry.rule, entry.symbol, entry.code] += entry.count
    return sorted(BaselineEntry(*fields, count) for fields, count in counts.items())


def _quoted(text: str) -> str:
    """A string of TOML: a literal one where that saves backslashes, else a basic one, which is one of
    JSON but for the character DEL."""
    if ('"' in text or "\\" in text) and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


class _Reader:
    def __init__(self, file: Path, document: dict[str, Any]) -> None:
        self._file = file
        self._document = document

    def entries(self) -> tuple[BaselineEntry, ...]:
        version = self._document.get("version")
        if version != VERSION or isinstance(version, bool):
            hint = (
                f"This backend-gate reads version {VERSION}; use the one that wrote the file, or remove the file: "
                "`backend-gate baseline write` makes a new one."
            )
            shown = "is missing" if version is None else f"is {version!r}"
            raise self._error(("version",), f"the version of the baseline {shown}", hint)
        for key in self._document:
            if key not in ("version", "findings"):
                raise self._error((key,), f'"{key}" is no part of a baseline', _WRITE)
        found = self._document.get("findings", [])
        if not isinstance(found, list):
            raise self._error(("findings",), "findings has to be a list of tables", _WRITE)
        counts: dict[tuple[str, str, str, str], int] = {}
        for number, item in enumerate(found):
            entry = self._entry(number, item)
            fields = (entry.file, entry.rule, entry.symbol, entry.code)
            counts[fields] = min(entry.count, counts.get(fields, entry.count))
        return tuple(sorted(BaselineEntry(*fields, count) for fields, count in counts.items()))

    def _entry(self, number: int, item: object) -> BaselineEntry:
        where: Key = ("findings", number)
        if not isinstance(item, dict):
            raise self._error(where, "an entry has to be a table", _WRITE)
        for name in item:
            if name not in BaselineEntry.__struct_fields__:
                raise self._error(where, f'"{name}" is no part of an entry', _WRITE)
        for name in ("file", "rule", "symbol", "code"):
            if not isinstance(item.get(name), str):
                raise self._error(where, f"{name} is missing or no text", _WRITE)
        for name in ("file", "rule"):
            if not item[name]:
                raise self._error(where, f"{name} is empty", _WRITE)
        if PurePosixPath(item["file"]).is_absolute():
            raise self._error(where, "file is absolute", "Paths are relative to the folder of the baseline.")
        count = item.get("count", 1)
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise self._error(where, "count is no whole number from 1 on", _WRITE)
        return BaselineEntry(item["file"], item["rule"], item["symbol"], item["code"], count)

    def _error(self, key: Key, message: str, hint: str) -> BaselineError:
        lines = key_lines(self._file.read_bytes())
        while key and key not in lines:
            key = key[:-1]
        return BaselineError(message, hint, file=self._file, line=lines.get(key))
