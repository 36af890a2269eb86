"""How the rules about SQL do on the examples of other analysers, beside those analysers themselves.

The examples stand in public repositories and are read for the run, never committed: check the repositories out
and pass ``--source bandit=DIR``, ``--source ruff=DIR``, ``--source semgrep=DIR``. Each row is one statement that
its authors call a fault or none. A row with a sink counts for the rules that run by default, whatever the
severity; a row that only makes a text counts for ``sql-text-without-sink``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from bench import tables

SINKS = re.compile(
    r"\.(?:execute\w*|fetch\w*|raw|extra|query|filter|having|group_by|order_by|distinct|cursor)\(|RawSQL\(|text\("
)
SQL_RULES = "data"
SINKLESS = "sql-text-without-sink"
SEMGREP_RULES = re.compile(
    r"sqli|sql-string|sql-query|sql-injection|injection/sql|execute-raw-query|sqlalchemy-text"
)
"""semgrep's Python rules about values in SQL, by the path of their file."""
_REACH = 4
"""Statements that such a match spans at most."""
Span = tuple[int, int]


@dataclasses.dataclass(frozen=True, order=True)
class Row:
    """One statement of a suite: its file below the suite's folder, its lines, and what its authors say."""

    file: str
    first: int
    last: int
    is_fault: bool
    has_sink: bool


@dataclasses.dataclass(frozen=True)
class Suite:
    """The examples of one analyser. ``files`` are its examples below a checkout, ``rows`` reads one of them."""

    name: str
    files: Callable[[Path], Iterable[Path]]
    rows: Callable[[Path, Path], Iterator[Row]]


@dataclasses.dataclass(frozen=True)
class Score:
    """Rows that a tool calls a fault, rightly or wrongly, and those that it misses."""

    right: int
    wrong: int
    missed: int

    @property
    def cells(self) -> tuple[str | None, str | None, str | None]:
        """Recall, precision and F1 as percentages."""
        return (
            tables.percent(self.right, self.right + self.missed),
            tables.percent(self.right, self.right + self.wrong),
            tables.percent(2 * self.right, 2 * self.right + self.wrong + self.missed),
        )


# --- what the authors say ------------------------------------------------------------------------


class _Statements(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        self.found: list[Span] = []

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:  # noqa: N802
        place = self.get_metadata(PositionProvider, node)
        self.found.append((place.start.line, place.end.line))

    def visit_If(self, node: cst.If) -> None:  # noqa: N802
        self._head(node, node.body)

    def visit_With(self, node: cst.With) -> None:  # noqa: N802
        self._head(node, node.body)

    def _head(self, node: cst.CSTNode, body: cst.CSTNode) -> None:
        start = self.get_metadata(PositionProvider, node).start.line
        self.found.append((start, self.get_metadata(PositionProvider, body).start.line))


def statements(text: str) -> list[Span]:
    """First and last line of each statement."""
    visitor = _Statements()
    MetadataWrapper(cst.parse_module(text)).visit(visitor)
    return sorted(visitor.found)


def _row(file: str, lines: Sequence[str], span: Span, *, is_fault: bool, has_sink: bool | None = None) -> Row:
    if has_sink is None:
        has_sink = bool(SINKS.search("\n".join(lines[span[0] - 1 : span[1]])))
    return Row(file, *span, is_fault, has_sink)


def bandit_rows(root: Path, file: Path) -> Iterator[Row]:
    """Sections begin with a comment that says whether what follows is bad; what is suppressed is left out."""
    text = file.read_text()
    lines = text.splitlines()
    verdicts: dict[int, bool | None] = {}
    current: bool | None = None
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            word = line[1:].split()[0] if line[1:].split() else ""
            current = {"bad": True, "good": False, "real": False}.get(word)
        verdicts[number] = current
    for span in statements(text):
        verdict = verdicts[span[0]]
        if verdict is not None and not lines[span[0] - 1].startswith(("import", "from")):
            yield _row(file.relative_to(root).as_posix(), lines, span, is_fault=verdict)


def ruff_rows(root: Path, file: Path) -> Iterator[Row]:
    """The snapshot beside the fixture lists what is a fault."""
    snapshots = root / "crates/ruff_linter/src/rules/flake8_bandit/snapshots"
    snapshot = next(snapshots.glob(f"*__{file.stem}_{file.name}.snap")).read_text()
    faults = {int(line) for line in re.findall(rf"--> {re.escape(file.name)}:(\d+):", snapshot)}
    text = file.read_text()
    lines = text.splitlines()
    for span in statements(text):
        is_fault = any(span[0] <= line <= span[1] for line in faults)
        yield _row(file.relative_to(root).as_posix(), lines, span, is_fault=is_fault)


def semgrep_rows(root: Path, file: Path) -> Iterator[Row]:
    """A comment before a statement says ``ruleid`` or ``ok``; ``todoruleid`` and the like are left out."""
    text = file.read_text()
    lines = text.splitlines()
    spans = statements(text)
    for number, line in enumerate(lines, 1):
        said = re.match(r"\s*#\s*(ruleid|ok)\s*:", line)
        if said is None:
            continue
        around = [span for span in spans if span[0] <= number < span[1]]
        target = max(around, default=None) or next((span for span in spans if span[0] > number), None)
        if target is not None:
            is_fault = said[1] == "ruleid"
            target = _up_to_sink(lines, target, spans) if is_fault else target
            yield _row(file.relative_to(root).as_posix(), lines, target, is_fault=is_fault, has_sink=True)


def _up_to_sink(lines: Sequence[str], target: Span, spans: Sequence[Span]) -> Span:
    """A rule may match from where a value is read to where it runs: the label stands at the beginning."""
    for span in [span for span in spans if span >= target][:_REACH]:
        if SINKS.search("\n".join(lines[span[0] - 1 : span[1]])):
            return target[0], span[1]
    return target


def _semgrep_files(root: Path) -> Iterator[Path]:
    """Examples of rules about values in SQL; rules that forbid an interface altogether are no suite of ours."""
    for file in sorted((root / "python").rglob("*.py")):
        if SEMGREP_RULES.search(file.relative_to(root).as_posix()) and file.with_suffix(".yaml").is_file():
            yield file


SUITES = (
    Suite("bandit", lambda root: sorted((root / "examples").glob("sql_*.py")), bandit_rows),
    Suite(
        "ruff",
        lambda root: [root / "crates/ruff_linter/resources/test/fixtures/flake8_bandit/S608.py"],
        ruff_rows,
    ),
    Suite("semgrep", _semgrep_files, semgrep_rows),
)


# --- what the tools say --------------------------------------------------------------------------

Places = set[tuple[str, int]]


def gate_places(folder: Path, rules: str) -> Places:
    """Each line that a finding names as its place or on the way to it."""
    command = [
        sys.executable,
        "-m",
        "backend_gate",
        "check",
        str(folder),
        "--select",
        rules,
        "--format",
        "json",
    ]
    done = subprocess.run([*command, "--quiet"], capture_output=True, text=True, check=False)
    places: Places = set()
    for finding in json.loads(done.stdout)["findings"]:
        for place in [finding, *finding["related"], *finding["evidence"]]:
            places |= {(place["file"], line) for line in range(place["line"], place["end_line"] + 1)}
    return places


def bandit_places(folder: Path) -> Places:
    """``bandit``: B608, B610, B611."""
    command = [
        *_tool("bandit"),
        "-q",
        "-r",
        "-f",
        "json",
        "-t",
        "B608,B610,B611",
        "--ignore-nosec",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {
        (Path(result["filename"]).relative_to(folder).as_posix(), line)
        for result in json.loads(done.stdout)["results"]
        for line in result["line_range"]
    }


def ruff_places(folder: Path) -> Places:
    """``ruff``: S608, S610, S611."""
    command = [*_tool("ruff"), "check", "--isolated", "--preview", "--target-version", "py314"]
    command += ["--select", "S608,S610,S611", "--ignore-noqa", "--output-format", "json", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return {
        (Path(each["filename"]).relative_to(folder).as_posix(), line)
        for each in json.loads(done.stdout)
        for line in range(each["location"]["row"], each["end_location"]["row"] + 1)
    }


def _tool(name: str) -> list[str]:
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed: pip install -e '.[dev]'")
    return [found]


def score(rows: Iterable[Row], places: Places) -> Score:
    """How the lines that a tool names agree with the rows."""
    right = wrong = missed = 0
    for row in rows:
        is_found = any((row.file, line) in places for line in range(row.first, row.last + 1))
        right += row.is_fault and is_found
        wrong += is_found and not row.is_fault
        missed += row.is_fault and not is_found
    return Score(right, wrong, missed)


def disagreements(rows: Iterable[Row], places: Places) -> Iterator[str]:
    """The rows that the gate and the authors see differently."""
    for row in rows:
        is_found = any((row.file, line) in places for line in range(row.first, row.last + 1))
        if is_found is not row.is_fault:
            yield f"{'missed' if row.is_fault else 'reported'} {row.file}:{row.first}"


def measure(suite: Suite, checkout: Path) -> Iterator[tuple[str, str, Score]]:
    """Part of the suite, tool, and score; what the gate sees differently goes to stderr."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve()
        rows: list[Row] = []
        for file in suite.files(checkout):
            own_rows = list(suite.rows(checkout, file))
            # A folder called "test" would say that the file is no code that runs.
            copy = folder / file.relative_to(checkout).as_posix().replace("/", "_").replace("-", "_")
            shutil.copyfile(file, copy)
            rows += [dataclasses.replace(row, file=copy.name) for row in own_rows]
        for part, rule, has_sink in (("with a sink", SQL_RULES, True), ("text only", SINKLESS, False)):
            chosen = [row for row in rows if row.has_sink is has_sink]
            if not chosen:
                continue
            own = gate_places(folder, rule)
            for line in disagreements(chosen, own):
                print(f"{suite.name}, {part}: {line}", file=sys.stderr)
            yield part, "backend-gate", score(chosen, own)
            yield part, "bandit", score(chosen, bandit_places(folder))
            yield part, "ruff", score(chosen, ruff_places(folder))


def main(argv: Sequence[str]) -> int:
    """Print the table; with ``--write`` into the document too."""
    parser = argparse.ArgumentParser(prog="python -m bench.suites", description=__doc__.splitlines()[0])
    parser.add_argument(
        "--source", action="append", default=[], metavar="NAME=DIR", help="a checkout of a suite"
    )
    parser.add_argument("--write", action="store_true", help="write the table into docs/measurements.md")
    args = parser.parse_args(argv)
    given = dict(item.partition("=")[::2] for item in args.source)
    rows: list[tuple[object, ...]] = []
    for suite in SUITES:
        if suite.name not in given:
            print(f"left out: {suite.name}; pass --source {suite.name}=CHECKOUT", file=sys.stderr)
            continue
        for part, tool, found in measure(suite, Path(given[suite.name]).resolve()):
            rows.append((suite.name, part, tool, found.right, found.wrong, found.missed, *found.cells))
    head = ("suite", "rows", "tool", "right", "wrong", "missed", "recall", "precision", "F1")
    content = tables.table(head, rows, text_columns=3)
    print(content)
    if args.write and len(given) == len(SUITES):
        tables.write_block("suites", content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
