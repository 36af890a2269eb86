"""``backend-gate schema``: the JSON Schemas of the machine output."""

from __future__ import annotations

import argparse
from importlib import resources

from backend_gate.cli.options import Subparsers, add_command
from backend_gate.cli.output import print_text

SCHEMAS = ("check", "routes", "suppressions", "baseline")

_EXAMPLES = """
  backend-gate schema check > check.schema.json    of `check --format json`
  backend-gate schema routes                       of `routes --format json`
"""


def register(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(commands, "schema", summary="print the JSON Schema of a report", examples=_EXAMPLES)
    parser.set_defaults(run=run)
    parser.add_argument("name", choices=SCHEMAS, help="the command whose JSON is meant")


def run(options: argparse.Namespace) -> int:
    """Print the schema."""
    file = resources.files("backend_gate") / "schemas" / f"{options.name}.json"
    print_text(file.read_text("utf-8"), machine=True)
    return 0
