"""``backend-gate rules``: what is judged."""

from __future__ import annotations

import argparse

from backend_gate.cli import terminal
from backend_gate.cli.options import Subparsers, add_command
from backend_gate.cli.output import print_text


def register(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "rules",
        summary="list the rules",
        examples="backend-gate rules              every rule, by group",
    )
    parser.set_defaults(run=run)
    parser.add_argument("--no-color", action="store_true", help="no colours")


def run(options: argparse.Namespace) -> int:
    """Print the list."""
    from backend_gate.report.pages import rule_list
    from backend_gate.rules.registry import load_registry

    print_text(rule_list(load_registry().values(), color=terminal.wants_color(options.no_color)))
    return 0
