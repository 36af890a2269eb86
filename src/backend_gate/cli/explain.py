"""``backend-gate explain``: one rule as a page."""

from __future__ import annotations

import argparse

from backend_gate.cli import terminal
from backend_gate.cli.options import Subparsers, add_command
from backend_gate.cli.output import print_text

_EXAMPLES = """
  backend-gate explain BG101                  by id
  backend-gate explain endpoint-without-auth  by name
"""


def register(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "explain",
        summary="print a rule as a page, with good and bad examples",
        examples=_EXAMPLES,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "rule", metavar="RULE", help="id, name or group of rules; `backend-gate rules` lists them"
    )
    parser.add_argument("--no-color", action="store_true", help="no colours")


def run(options: argparse.Namespace) -> int:
    """Print the page: laid out on a terminal, as Markdown otherwise."""
    from backend_gate.report.pages import laid_out, rule_page
    from backend_gate.rules.registry import select_rules
    from backend_gate.rules.spec import load_rules

    specs = select_rules(load_rules(with_examples=True), select=(options.rule,))
    page = "\n".join(rule_page(spec) for spec in specs)
    if terminal.is_terminal():
        page = laid_out(page, width=terminal.width(), color=terminal.wants_color(options.no_color))
    print_text(page)
    return 0
