"""``backend-gate detect``: which frameworks are here."""

from __future__ import annotations

import argparse

from backend_gate.cli import terminal
from backend_gate.cli.options import Subparsers, add_command, existing_folder
from backend_gate.cli.output import print_text

_DESCRIPTION = """\
Names the backend frameworks below a folder, the places that give them away, and whether
the gate judges them."""


def register(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "detect",
        summary="name the frameworks that are used",
        description=_DESCRIPTION,
        examples="backend-gate detect services     below this folder",
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="folder to look at (default: this one)"
    )
    parser.add_argument("--no-color", action="store_true", help="no colours")


def run(options: argparse.Namespace) -> int:
    """Print the frameworks and where they show."""
    path = existing_folder(options.path).resolve()

    from backend_gate.discover.frameworks import detect
    from backend_gate.report.pages import framework_list
    from backend_gate.settings import load_settings

    found = detect(path, load_settings(path))
    color = terminal.wants_color(options.no_color)
    print_text(framework_list(found, prefix=terminal.prefix(path), color=color))
    return 0
