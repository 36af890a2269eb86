"""Reads the reports that coverage tools write: coverage.py's JSON, Cobertura XML, LCOV.

Each reader takes the bytes of a report and gives the files in it, under the names that the report uses. What
is no such report, or contradicts itself, is an error: evidence is never guessed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from xml.parsers import expat

import msgspec

from backend_gate.evidence.coverage.model import FileCoverage

MAX_LINE = 10_000_000
"""Line numbers beyond are no line numbers."""

_CONDITIONS = re.compile(r"\(\s*(\d+)\s*/\s*(\d+)\s*\)")


class ReportError(Exception):
    """A report or data file cannot be used. The message is a clause; ``advice`` says what to do, or is empty."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class Report(msgspec.Struct):
    """The files of one report. ``roots`` are the folders that relative names may start from."""

    files: list[FileCoverage]
    branches: bool
    roots: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_report(data: bytes, contexts: tuple[str, ...] = ()) -> Report:
    """Read a report of any of the three kinds; ``contexts`` as for :func:`read_json`.

    Raises:
        ReportError: it is none of them, or not as it should be.
    """
    start = data[:4096].lstrip(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        return read_json(data, contexts)
    if contexts:
        raise ReportError(
            "this kind of report does not tell contexts apart",
            "Name coverage.py's data file or its JSON report (coverage json --show-contexts)",
        )
    if start.startswith(b"<"):
        return read_cobertura(data)
    if start.startswith((b"TN:", b"SF:")):
        return read_lcov(data)
    if start.startswith(b"!coverage.py"):
        raise ReportError(
            "this is data of coverage.py 4, which cannot be read any more",
            "Measure again with coverage.py 7",
        )
    raise ReportError(
        "this is neither coverage.py data or JSON, nor Cobertura XML, nor LCOV",
        "Name a file of one of these kinds",
    )


# --- coverage.py's JSON ----------------------------------------------------------------------------


class _Summary(msgspec.Struct):
    covered_lines: int
    num_statements: int
    missing_lines: int
    num_branches: int = 0
    missing_branches: int = 0


class _File(msgspec.Struct):
    executed_lines: list[int]
    missing_lines: list[int]
    summary: _Summary
    excluded_lines: list[int] = []
    missing_branches: list[tuple[int, int]] = []
    contexts: dict[str, list[str]] = {}


class _Meta(msgspec.Struct):
    branch_coverage: bool = False
    show_contexts: bool = False


class _Document(msgspec.Struct):
    meta: _Meta
    files: dict[str, _File]


def read_json(data: bytes, contexts: tuple[str, ...] = ()) -> Report:
    """``coverage json``. With ``contexts`` (regular expressions, any of which has to be found in the name of
    a context) only what ran in these contexts counts as run.

    Raises:
        ReportError: it is not such a report, or was made without the contexts that are asked for.
    """
    try:
        document = msgspec.json.decode(data, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ReportError(
            f"this is no JSON report of coverage.py ({error})",
            "Write it with: coverage json --show-contexts",
        ) from error
    if contexts and not document.meta.show_contexts:
        raise ReportError(
            "the JSON report was made without contexts, so the suites cannot be told apart",
            "Write it with: coverage json --show-contexts",
        )
    files = [_json_file(name, file) for name, file in document.files.items()]
    branches = document.meta.branch_coverage
    notes: tuple[str, ...] = ()
    if contexts:
        wanted = _matcher(contexts)
        files = [_in_contexts(file, wanted) for file in files]
        if branches:
            branches = False
            notes = ("the JSON report does not tell contexts of branches apart: lines alone are counted",)
    return Report(files, branches, notes=notes)


def _json_file(name: str, file: _File) -> FileCoverage:
    executed, missing = _lines(name, file.executed_lines), _lines(name, file.missing_lines)
    summary = file.summary
    if (
        (len(executed), len(missing)) != (summary.covered_lines, summary.missing_lines)
        or set(executed) & set(missing)
        or not 0 <= summary.missing_branches <= summary.num_branches
    ):
        raise ReportError(f"the report contradicts itself: its summary of {name} does not fit the lines")
    return FileCoverage(
        path=name,
        executed=executed,
        missing=missing,
        excluded=_lines(name, file.excluded_lines),
        branches=summary.num_branches,
        missing_branch_count=summary.missing_branches,
        missing_branches=tuple(sorted(file.missing_branches)),
        contexts={
            int(line): tuple(sorted(set(found)))
            for line, found in file.contexts.items()
            if found and line.isdecimal() and int(line) > 0  # line 0 stands for an empty file
        },
    )


def _in_contexts(file: FileCoverage, wanted: Callable[[str], object]) -> FileCoverage:
    """The file as if nothing else had run."""
    contexts = {line: kept for line, names in file.contexts.items() if (kept := tuple(filter(wanted, names)))}
    executed = tuple(line for line in file.executed if line in contexts)
    missing = tuple(sorted({*file.missing, *file.executed} - set(executed)))
    return FileCoverage(file.path, executed, missing, file.excluded, contexts=contexts)


def _matcher(patterns: tuple[str, ...]) -> Callable[[str], object]:
    try:
        compiled = [re.compile(pattern) for pattern in patterns]
    except re.error as error:
        raise ReportError(f"a pattern of contexts is no regular expression: {error}") from error
    return lambda name: any(pattern.search(name) for pattern in compiled)


# --- Cobertura -------------------------------------------------------------------------------------


class _Cobertura:
    """Collects lines from events. Lines of methods repeat those of their class."""

    def __init__(self) -> None:
        self.files: dict[str, dict[int, bool]] = defaultdict(dict)
        self.branches: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
        self.roots: list[str] = []
        self.root_element = ""
        self._file = ""
        self._text: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.root_element = self.root_element or tag
        if tag == "class":
            self._file = attributes.get("filename", "")
            if not self._file:
                raise ReportError("a class of the report lacks its filename")
            self.files.setdefault(self._file, {})
        elif tag == "line" and self._file:
            self._line(attributes)
        elif tag == "source":
            self._text = []

    def end(self, tag: str) -> None:
        if tag == "class":
            self._file = ""
        elif tag == "source" and self._text is not None:
            self.roots.append("".join(self._text).strip())
            self._text = None

    def text(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _line(self, attributes: dict[str, str]) -> None:
        try:
            number, hits = int(attributes["number"]), int(attributes["hits"])
        except (KeyError, ValueError) as error:
            raise ReportError(f"a line of {self._file} lacks its number or its hits") from error
        lines = self.files[self._file]
        number = _line(self._file, number)
        lines[number] = lines.get(number, False) or hits > 0
        found = _CONDITIONS.search(attributes.get("condition-coverage", ""))
        if found and attributes.get("branch", "").lower() == "true":
            taken, exits = int(found[1]), int(found[2])
            if taken > exits:
                raise ReportError(f"line {number} of {self._file} takes more branches than it has")
            known = self.branches[self._file].get(number, (0, 0))
            self.branches[self._file][number] = max(known, (taken, exits))


def read_cobertura(data: bytes) -> Report:
    """Cobertura XML, as ``coverage xml`` and many other tools write it. No entity is ever expanded.

    Raises:
        ReportError: it is no XML, no such report, or it declares entities.
    """
    found = _Cobertura()
    parser = expat.ParserCreate()
    parser.StartElementHandler = found.start
    parser.EndElementHandler = found.end
    parser.CharacterDataHandler = found.text

    def refuse(*_: object) -> None:
        raise ReportError("the XML report declares entities, which no coverage tool needs")

    parser.EntityDeclHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = lambda *_: 0
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ReportError(f"this is no valid XML ({error})", "Write it with: coverage xml") from error
    if found.root_element != "coverage":
        raise ReportError(f"this XML is no Cobertura report: its root is <{found.root_element}>")
    files = [
        _from_lines(name, lines, found.branches.get(name, {}).values()) for name, lines in found.files.items()
    ]
    return Report(files, any(found.branches.values()), tuple(root for root in found.roots if root))


# --- LCOV ------------------------------------------------------------------------------------------


def read_lcov(data: bytes) -> Report:
    """LCOV's tracefile, as ``coverage lcov`` writes it. Records of one file are added up.

    Raises:
        ReportError: it is not such a file.
    """
    text = data.decode("utf-8", errors="replace")
    lines: dict[str, dict[int, bool]] = {}
    branches: dict[str, dict[tuple[int, str, str], bool]] = defaultdict(dict)
    file = ""
    for number, row in enumerate(text.splitlines(), start=1):
        kind, _, rest = row.strip().partition(":")
        try:
            if kind == "SF":
                file = rest
                lines.setdefault(file, {})
            elif kind == "end_of_record":
                file = ""
            elif kind == "DA":
                line, hits, *_checksum = rest.split(",")
                at = _line(file, int(line))
                lines[file][at] = lines[file].get(at, False) or int(hits) > 0
            elif kind == "BRDA":
                line, block, middle = rest.split(",", 2)
                branch, _, taken = middle.rpartition(",")
                key = (_line(file, int(line)), block, branch)
                ran = taken.strip() not in ("-", "0")
                branches[file][key] = branches[file].get(key, False) or ran
        except (ValueError, KeyError) as error:
            raise ReportError(f"line {number} of the LCOV report cannot be understood") from error
    if file:
        raise ReportError("the LCOV report ends in the middle of a record")
    files = []
    for name, found in lines.items():
        exits: dict[int, list[bool]] = defaultdict(list)
        for (at, _, _), ran in branches[name].items():
            exits[at].append(ran)
        files.append(_from_lines(name, found, ((sum(ran), len(ran)) for ran in exits.values())))
    return Report(files, any(branches.values()))


# --- all -------------------------------------------------------------------------------------------


def _from_lines(name: str, lines: Mapping[int, bool], branches: Iterable[tuple[int, int]]) -> FileCoverage:
    """A file from lines with whether they ran, and pairs of branches taken and there."""
    pairs = list(branches)
    return FileCoverage(
        path=name,
        executed=tuple(sorted(line for line, ran in lines.items() if ran)),
        missing=tuple(sorted(line for line, ran in lines.items() if not ran)),
        branches=sum(exits for _, exits in pairs),
        missing_branch_count=sum(exits - taken for taken, exits in pairs),
    )


def _lines(name: str, numbers: Iterable[Any]) -> tuple[int, ...]:
    return tuple(sorted({_line(name, number) for number in numbers}))


def _line(name: str, number: int) -> int:
    if not 0 < number <= MAX_LINE:
        raise ReportError(f"the report names line {number} of {name}, which is no line")
    return number
