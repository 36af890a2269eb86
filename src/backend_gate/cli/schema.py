"""``backend-gate schema``: the JSON Schemas of the machine output."""

from __future__ import annotations

import argparse

from backend_gate.cli.options import Subparsers, add_command
from backend_gate.cli.output import print_text

SCHEMAS = ("check", "handoff", "routes", "suppressions", "baseline")

_EXAMPLES = """
  backend-gate schema check > check.schema.json    of `check --format json`
  backend-gate schema routes                       of `routes --format json`
  backend-gate schema                              all of them, by name
"""


def register(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands, "schema", summary="print the JSON Schemas of the reports", examples=_EXAMPLES
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "name", nargs="?", choices=SCHEMAS, help="the command whose JSON is meant (default: all, by name)"
    )


def run(options: argparse.Namespace) -> int:
    """Print the schema, or all of them in one object."""
    if options.name:
        print_text(_text(options.name), machine=True)
        return 0
    import json

    every = {name: json.loads(_text(name)) for name in SCHEMAS}
    print_text(json.dumps(every, indent=2, ensure_ascii=False) + "\n", machine=True)
    return 0


def _text(name: str) -> str:
    from importlib import resources

    return (resources.files("backend_gate") / "schemas" / f"{name}.json").read_text("utf-8")
