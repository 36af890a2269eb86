"""``backend-gate explain``: one rule as a page, or what the gate knows at a place."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from backend_gate.cli import terminal
from backend_gate.cli.options import Subparsers, UsageError, add_command, positive
from backend_gate.cli.output import print_text

_DESCRIPTION = """\
Prints a rule as a page, with good and bad examples. For a place in the code, prints what the
gate knows there: the endpoint, dependency, guard, router, SQL statement, condition or exception,
which steps led to the verdict, and which entry of the vocabulary was used."""

_EXAMPLES = """
  backend-gate explain BG101                    a rule by id
  backend-gate explain endpoint-without-auth    a rule by name
  backend-gate explain app/routers/users.py:42  what is known at this line
"""

_PLACE = re.compile(r"(?P<file>.*[^:]):(?P<line>[0-9]+)(?::[0-9]+)?")


def register(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "explain",
        summary="print a rule as a page, or what the gate knows at a line",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "subject",
        metavar="RULE|FILE:LINE",
        help="id, name or group of rules (`backend-gate rules` lists them), or a file and a line in it",
    )
    parser.add_argument(
        "--jobs", type=positive, metavar="N", help="processes that read files (default: one a core)"
    )
    parser.add_argument("--no-color", action="store_true", help="no colours")


def run(options: argparse.Namespace) -> int:
    """Print the page or the explanation."""
    place = _PLACE.fullmatch(options.subject)
    if place is None and Path(options.subject).is_file():
        raise UsageError(f'"{options.subject}" lacks a line', f"Write {options.subject}:1, for example.")
    if place is not None:
        return _explain_place(Path(place["file"]), int(place["line"]), options)

    from backend_gate.report.pages import laid_out, rule_page
    from backend_gate.rules.registry import select_rules
    from backend_gate.rules.spec import load_rules

    specs = select_rules(load_rules(with_examples=True), select=(options.subject,))
    page = "\n".join(rule_page(spec) for spec in specs)
    if terminal.is_terminal():
        page = laid_out(page, width=terminal.width(), color=terminal.wants_color(options.no_color))
    print_text(page)
    return 0


def _explain_place(file: Path, line: int, options: argparse.Namespace) -> int:
    """What is known at a line.

    Raises:
        UsageError: there is no such file or line, or nothing is known there.
    """
    if not file.is_file():
        raise UsageError(f'there is no file "{file}"', "Check the spelling and the working directory.")
    with file.open("rb") as stream:
        lines = sum(1 for _ in stream)
    if not 1 <= line <= lines:
        raise UsageError(f"{file} has {lines} lines, and no line {line}", "Name one of its lines.")

    from backend_gate.backend.known import facts_at, nearest
    from backend_gate.cli.progress import progress
    from backend_gate.gate import knowledge
    from backend_gate.report.explanation import explanation
    from backend_gate.report.text import one_line

    with progress() as notify:
        root, path, facts = knowledge(file, jobs=options.jobs, progress=notify)
    found = facts_at(facts, path, line)
    if found:
        color = terminal.wants_color(options.no_color)
        print_text(explanation(found, prefix=terminal.prefix(root), color=color))
        return 0
    near = nearest(facts, path, line)
    if not near:
        raise UsageError(
            f"nothing is known of {file}",
            "No application is seen to use this file; `backend-gate routes` lists what is known.",
        )
    places = "; ".join(f"line {number}, {fact.kind} {one_line(fact.title)}" for number, fact in near)
    raise UsageError(f"nothing is known at {file}:{line}", f"The nearest: {places}.")
