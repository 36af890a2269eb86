"""``backend-gate test``: run the project's tests and record their coverage."""

from __future__ import annotations

import argparse

from backend_gate.cli.options import Subparsers, UsageError, add_command, existing_folder
from backend_gate.cli.output import print_error, print_text

_DESCRIPTION = """\
Runs the suites of the project's own tests under coverage.py, with the project's interpreter,
and records what they cover for `check` and `handoff`. This runs code of the project; no other
command does."""

_EXAMPLES = """
  backend-gate test                                every suite: tests/unit and tests/integration, or what is configured
  backend-gate test unit                           one suite
  backend-gate test --python .venv/bin/python      with this interpreter
  backend-gate test --project services/orders      of the project in another folder
"""


def register(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "test",
        summary="run the project's tests and record their coverage",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.set_defaults(run=run)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="suites to run (default: all)")
    parser.add_argument(
        "--project", default=".", metavar="PATH", help="folder of the project (default: this one)"
    )
    parser.add_argument("--python", metavar="PYTHON", help="interpreter that has the project's dependencies")


def run(options: argparse.Namespace) -> int:
    """Run the suites one after the other: 0 all passed, 1 tests failed, 2 a suite could not be run."""
    folder = existing_folder(options.project).resolve()

    from backend_gate.discover import discover
    from backend_gate.evidence.coverage.suites import Reading
    from backend_gate.evidence.gather import sources_of
    from backend_gate.evidence.testing.interpreter import find_interpreter
    from backend_gate.evidence.testing.run import Ended, run_suite
    from backend_gate.report.sentences import suite_lines
    from backend_gate.report.text import sentence
    from backend_gate.settings import load_settings

    settings = load_settings(folder)
    by_name = {suite.name: suite for suite in settings.suites}
    for name in options.suites:
        if name not in by_name:
            raise UsageError(f'there is no suite "{name}"', f"There are: {', '.join(by_name)}.")
    chosen = [by_name[name] for name in options.suites] or [
        suite for suite in settings.suites if not suite.data
    ]
    if not chosen:
        raise UsageError(
            "all suites have data from elsewhere, so there is nothing to run",
            "Take `data` out of a suite's configuration to let the gate run it.",
        )
    interpreter = find_interpreter(settings, options.python)
    sources = sources_of(discover(settings.base, settings), settings.base)
    print_error(f"Running the project's tests with {interpreter.shown}.\n")
    worst = 0
    runs = []
    for suite in chosen:
        print_error(f"\nSuite {suite.name}\n")
        done = run_suite(settings, suite, interpreter, sources)
        runs.append(done)
        worst = max(worst, done.ended.exit_code)
        if done.interrupted:
            worst = 2
            break
    with Reading(settings, sources, lambda: "", partial=True) as reading:
        measured = {suite.name: suite.summary() for suite in reading.result()}
    lines = [f"{done.suite.name}: {sentence(done.reason)}" for done in runs if done.ended is not Ended.PASSED]
    if left := [suite.name for suite in chosen[len(runs) :]]:
        lines.append(f"Not run any more: {', '.join(left)}.")
    known = [measured[done.suite.name] for done in runs]
    lines += suite_lines([suite for suite in known if suite.is_measured])
    print_text("\n" + "".join(f"{line}\n" for line in lines))
    return worst
