"""Whole reports against files that a person has read.

``UPDATE_GOLDEN=1 pytest tests/report/test_golden.py`` writes them anew; look at the difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import verdicts

from backend_gate.report import concise, console, github, gitlab, json, junit, markdown, pages, routes, sarif
from backend_gate.report.source import SourceReader
from backend_gate.rules.model import Finding, Severity
from backend_gate.settle.verdict import Problem

GOLDEN = Path(__file__).parent / "golden"


def _console(root: Path, **style: object) -> str:
    return console.render(verdicts.verdict(), SourceReader(root), console.Style(**style))  # type: ignore[arg-type]


def _incomplete(root: Path) -> str:
    verdict = verdicts.verdict(
        problems=(verdicts.PROBLEM,), frameworks=(verdicts.FASTAPI, verdicts.RAILS), questions=()
    )
    return console.render(verdict, SourceReader(root), console.Style())


def _silent(root: Path) -> str:
    verdict = verdicts.verdict(findings=(), questions=())
    return console.render(verdict, SourceReader(root), console.Style())


REPORTS: dict[str, Callable[[Path], str]] = {
    "fails.txt": _console,
    "fails-verbose.txt": lambda root: _console(root, verbose=True),
    "fails-narrow-ascii.txt": lambda root: _console(root, width=56, unicode=False),
    "fails-color.ansi": lambda root: _console(root, color=True),
    "incomplete.txt": _incomplete,
    "passes.txt": _silent,
    "concise.txt": lambda _: concise.render(verdicts.verdict(problems=(verdicts.PROBLEM,)), verbose=True),
    "check.json": lambda _: json.render_check(
        verdicts.verdict(problems=(verdicts.PROBLEM,), frameworks=(verdicts.FASTAPI, verdicts.RAILS))
    ),
    "check.sarif": lambda root: (
        sarif.render(
            verdicts.verdict(problems=(verdicts.PROBLEM,)), SourceReader(root), prefix="services/"
        ).text
    ),
    "github.txt": lambda _: github.render(verdicts.verdict(problems=(verdicts.PROBLEM,)), prefix="services/"),
    "gitlab.json": lambda root: gitlab.render(
        verdicts.verdict(problems=(verdicts.PROBLEM,)), SourceReader(root), prefix="services/"
    ),
    "junit.xml": lambda _: junit.render(verdicts.verdict(problems=(verdicts.PROBLEM,)), prefix="services/"),
    "comment.md": lambda _: markdown.render(
        verdicts.verdict(problems=(verdicts.PROBLEM,)), prefix="services/"
    ),
    "routes.json": lambda _: json.render_routes(list(verdicts.ENDPOINTS), list(verdicts.UNRESOLVED)),
    "routes.txt": lambda _: routes.render(verdicts.ENDPOINTS, verdicts.UNRESOLVED),
    "routes-narrow.txt": lambda _: routes.render(verdicts.ENDPOINTS, verdicts.UNRESOLVED, width=80),
    "rules.txt": lambda _: pages.rule_list(verdicts.RULES.values()),
    "rule.md": lambda _: pages.rule_page(verdicts.RULES["endpoint-without-auth"]),
}


@pytest.mark.parametrize("name", REPORTS)
def test_report_is_as_it_was_read(name: str, tmp_path: Path) -> None:
    text = REPORTS[name](verdicts.write_sources(tmp_path))
    file = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_bytes(text.encode())
    assert text == file.read_bytes().decode()


def test_no_golden_report_is_left_over() -> None:
    assert {file.name for file in GOLDEN.iterdir()} == set(REPORTS)


def test_plain_and_coloured_report_say_the_same(tmp_path: Path) -> None:
    root = verdicts.write_sources(tmp_path)
    colored = re.sub(r"\x1b\[[0-9;]*m", "", _console(root, color=True))
    plain = "".join(
        line for line in _console(root).splitlines(keepends=True) if line.strip("-\n") or line == "\n"
    )
    assert colored == plain


def test_fewer_things_are_shown_without_verbose(tmp_path: Path) -> None:
    root = verdicts.write_sources(tmp_path)
    short, long = _console(root), _console(root, verbose=True)
    assert "GET /plugins/4" in long
    assert "GET /plugins/4" not in short
    assert "2 more steps" in short
    assert "more" not in long


@pytest.mark.parametrize("width", [1, 40, 57, 80, 300])
def test_code_frames_keep_to_the_width(tmp_path: Path, width: int) -> None:
    text = _console(verdicts.write_sources(tmp_path), width=width)
    drawn = [line for line in text.splitlines() if "│" in line]
    assert drawn
    assert max(map(len, drawn)) <= max(40, min(width, console.MAX_WIDTH))


def test_what_a_finding_tells_is_not_told_again(tmp_path: Path) -> None:
    place = verdicts.FINDINGS[0].place
    told = Problem("unreadable-file", "x", "this file is odd", place=place)
    verdict = verdicts.verdict(problems=(told,))
    assert "is odd" not in console.render(verdict, SourceReader(tmp_path), console.Style())
    assert "not-judged" not in concise.render(verdict)


def test_quiet_says_nothing_about_what_passes(tmp_path: Path) -> None:
    quiet = console.Style(quiet=True)
    passing = verdicts.verdict(findings=(), questions=())
    assert console.render(passing, SourceReader(tmp_path), quiet) == ""
    assert concise.render(passing, quiet=True) == ""
    failing = console.render(verdicts.verdict(), SourceReader(tmp_path), quiet)
    assert failing.startswith("Fails: 4 errors and 1 note in 2 files.\n")
    assert "BG101" not in failing


def test_sources_that_are_gone_leave_the_rest_of_the_report(tmp_path: Path) -> None:
    text = _console(tmp_path)
    assert "BG301 sql-built-from-values · shop/users.py:11:72" in text
    assert "│" not in text


def test_a_passing_check_with_something_left_out_is_not_green(tmp_path: Path) -> None:
    def headline(**changes: object) -> str:
        verdict = verdicts.verdict(findings=(), **changes)  # type: ignore[arg-type]
        return console.render(verdict, SourceReader(tmp_path), console.Style(color=True)).splitlines()[0]

    green = "\x1b[1;32m"
    assert green in headline(questions=())
    assert green not in headline()
    unanalysed = headline(questions=(), frameworks=(verdicts.FASTAPI, verdicts.RAILS))
    assert green not in unanalysed
    assert "as far as it was analysed" in unanalysed


def test_a_long_report_ends_with_the_verdict(tmp_path: Path) -> None:
    text = _console(tmp_path)
    assert text.count("Fails: ") == 1
    many = tuple(
        Finding("body-model-open", f"number {number}", verdicts.place("a.py", number, 1, 2), Severity.INFO)
        for number in range(1, 30)
    )
    verdict = verdicts.verdict(findings=many, fail_on=Severity.INFO)
    long = console.render(verdict, SourceReader(tmp_path), console.Style())
    assert long.startswith("Fails: 29 notes in 1 file.")
    assert long.endswith("\nFails: 29 notes in 1 file.\n")
