"""``backend-gate suppressions``: every comment that suppresses a finding."""

from __future__ import annotations

import argparse

from backend_gate.cli import terminal
from backend_gate.cli.options import Subparsers, add_command, existing_folder, positive
from backend_gate.cli.output import print_error, print_text

_DESCRIPTION = """\
Lists every comment `# gate: ignore[slug] reason` with its reason, and says whether the rules
that it names find anything there. A suppression covers the findings of one line: the one that
it ends, or the one below it."""

_EXAMPLES = """
  backend-gate suppressions                   what is suppressed in this folder, and why
  backend-gate suppressions --format json     the same for programs
"""


def register(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "suppressions",
        summary="list what comments in the code suppress, and why",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="folder to look at (default: this one)"
    )
    parser.add_argument(
        "--format", choices=("table", "json"), default="table", help="form of the list (default: table)"
    )
    parser.add_argument("--no-color", action="store_true", help="no colours")
    parser.add_argument(
        "--jobs", type=positive, metavar="N", help="processes that read files (default: one a core)"
    )


def run(options: argparse.Namespace) -> int:
    """Print the list; 2 if a part of the backend could not be looked at."""
    path = existing_folder(options.path)

    from backend_gate.cli.progress import progress
    from backend_gate.gate import Overrides, check
    from backend_gate.report.sentences import problem_lines

    with progress() as notify:
        root, verdict = check([path], Overrides(try_suppressions=True), jobs=options.jobs, progress=notify)
    if options.format == "json":
        from backend_gate.report.json import render_suppressions

        print_text(render_suppressions(verdict.suppressions), machine=True)
    else:
        from backend_gate.report.suppressions import render

        color = terminal.wants_color(options.no_color)
        print_text(render(verdict.suppressions, color=color, prefix=terminal.prefix(root)))
    for line in problem_lines(verdict.problems):
        print_error(f"backend-gate: {line}\n")
    return verdict.exit_code if verdict.problems else 0
