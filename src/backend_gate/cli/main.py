"""The command line: argv in, exit code out.

Exit codes are 0 (passes), 1 (fails) and 2 (could not judge), whatever the command and its format.
Commands import what they need when they run; ``--version`` and ``--help`` load nothing of the gate.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence

from backend_gate import __version__
from backend_gate.cli import (
    baseline,
    check,
    detect,
    explain,
    handoff,
    routes,
    rules,
    schema,
    suppressions,
    test,
)
from backend_gate.cli.output import print_error
from backend_gate.errors import COULD_NOT_JUDGE, GateError

_DESCRIPTION = """\
Judges a Python web backend as a whole: who may call its endpoints, what they accept,
how they talk to the database, and what happens when something goes wrong.
The code is read, never run, except by `test`."""

_EPILOG = """\
examples:
  backend-gate check                    judge the backend in this folder
  backend-gate test                     run its tests and record what they cover
  backend-gate handoff                  one verdict on everything, and a bundle to hand on
  backend-gate routes                   list its endpoints and who may call them
  backend-gate explain BG101            what a rule wants, with examples

exit codes:
  0  judged, and it passes
  1  judged, and it fails
  2  could not judge: wrong usage or configuration, a file that cannot be read, a crash
"""

COMMANDS = (check, test, handoff, routes, rules, explain, baseline, suppressions, detect, schema)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that ``arguments`` (default: those of the process) name; the exit code."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except GateError as error:
        print_error(f"backend-gate: {error}\n")
        return error.exit_code
    except Exception:  # noqa: BLE001  the exit code of an uncaught exception, 1, would say "judged"
        print_error(
            f"{traceback.format_exc()}\nbackend-gate crashed, and nothing was judged. "
            "Please report this with the lines above.\n"
        )
        return COULD_NOT_JUDGE
    except KeyboardInterrupt:
        print_error("\nbackend-gate: interrupted. Nothing was judged.\n")
        return COULD_NOT_JUDGE


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="backend-gate",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"backend-gate {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.register(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
