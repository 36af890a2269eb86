"""``backend-gate routes``: the inventory."""

from __future__ import annotations

import argparse
from pathlib import Path

from backend_gate.cli import terminal
from backend_gate.cli.options import Subparsers, add_command, existing_folder, positive
from backend_gate.cli.output import check_writable, print_error, print_text, write_file

_DESCRIPTION = """\
Lists every endpoint with its full path, who may call it and why, its handler, dependencies
and bodies, as the framework would resolve them."""

_EXAMPLES = """
  backend-gate routes                                     a table
  backend-gate routes --format json --output routes.json  everything that is known, for programs
"""


def register(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "routes",
        summary="list the endpoints and who may call them",
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
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the list to FILE")
    parser.add_argument("--no-color", action="store_true", help="no colours")
    parser.add_argument(
        "--jobs", type=positive, metavar="N", help="processes that read files (default: one a core)"
    )


def run(options: argparse.Namespace) -> int:
    """Print the inventory; 2 if a part of the backend could not be looked at."""
    if options.output:
        check_writable(options.output)
    path = existing_folder(options.path)

    from backend_gate.cli.progress import progress
    from backend_gate.gate import inventory
    from backend_gate.report.sentences import problem_lines

    with progress() as notify:
        found = inventory(path, jobs=options.jobs, progress=notify)
    machine = options.format == "json"
    if machine:
        from backend_gate.report.json import render_routes

        text = render_routes(found.endpoints, found.unresolved)
    else:
        from backend_gate.report.routes import render

        on_terminal = terminal.is_terminal() and not options.output
        text = render(
            found.endpoints,
            found.unresolved,
            width=terminal.width() if on_terminal else None,
            color=not options.output and terminal.wants_color(options.no_color),
            prefix=terminal.prefix(found.root),
        )
    if options.output:
        write_file(options.output, text)
    else:
        print_text(text, machine=machine)
    for line in problem_lines(found.problems):
        print_error(f"backend-gate: {line}\n")
    return 2 if found.problems else 0
