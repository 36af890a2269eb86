"""What ``backend-gate test`` leaves behind for later runs: reports, and digests of what was measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from backend_gate.evidence.coverage.fresh import digest
from backend_gate.evidence.coverage.reports import ReportError
from backend_gate.facts.files import CannotOpenError, read_bytes

FOLDER = ".backend-gate/coverage"
"""Below the folder of the configuration; a folder for each suite."""

REPORT, TRACE, RECORD = "coverage.json", "data", "run.json"


class Record(msgspec.Struct, frozen=True):
    """How a suite was run. ``digests`` of all Python files of the project, by path relative to the configuration.

    ``passed`` says that all of its tests passed. ``concurrency`` is what coverage.py was told of. ``python`` and
    ``coverage`` are versions.
    """

    suite: str
    passed: bool
    digests: dict[str, str]
    concurrency: tuple[str, ...] = ()
    python: str = ""
    coverage: str = ""
    schema: int = 1


def folder_of(base: Path, suite: str) -> Path:
    """Where the evidence of a suite lies."""
    return base / FOLDER / suite


def write_record(base: Path, record: Record) -> None:
    """Leave a record beside the reports, which have to be there already."""
    file = folder_of(base, record.suite) / RECORD
    data = msgspec.json.format(msgspec.json.encode(record, order="sorted"), indent=1)
    file.write_bytes(data + b"\n")


def read_record(base: Path, suite: str) -> Record | None:
    """The record of a suite, if there is one.

    Raises:
        ReportError: it cannot be read.
    """
    file = folder_of(base, suite) / RECORD
    if not file.is_file():
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReportError("the record of its last run is damaged", "") from error


def digests(base: Path, paths: Iterable[str]) -> dict[str, str]:
    """The digest of each file below ``base`` that can be read."""
    root = base.resolve()
    found = {}
    for path in paths:
        try:
            found[path] = digest(read_bytes(root, path))
        except (CannotOpenError, OSError, ValueError):
            continue
    return found


def changed_files(record: Record, present: Mapping[str, str]) -> list[str]:
    """The files that are not as they were, or were not there, or are not any more."""
    names = record.digests.keys() | present.keys()
    return sorted(name for name in names if record.digests.get(name) != present.get(name))
