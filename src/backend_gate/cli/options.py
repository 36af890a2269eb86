"""Options that several commands share, and their values."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

from backend_gate.errors import DiscoveryError, GateError

Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


class UsageError(GateError):
    """The command line asks for something that does not exist or does not go together."""


def add_command(
    commands: Subparsers, name: str, *, summary: str, description: str = "", examples: str = ""
) -> argparse.ArgumentParser:
    """A command with its help; ``examples`` are lines of ``command  what it does``."""
    epilog = "examples:\n" + "".join(f"  {line.strip()}\n" for line in examples.strip().splitlines())
    return commands.add_parser(
        name,
        help=summary,
        description=description or summary[0].upper() + summary[1:] + ".",
        epilog=epilog if examples else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def existing_folder(text: str) -> Path:
    """The folder to look at.

    Raises:
        DiscoveryError: there is none of that name.
    """
    path = Path(text)
    if path.is_dir():
        try:
            path.resolve()
        except FileNotFoundError:
            raise DiscoveryError("the working directory is gone", "Change into one that exists.") from None
        return path
    if path.exists():
        raise DiscoveryError(
            f'"{text}" is a file, and the gate judges whole backends',
            "Name the folder that holds the backend.",
        )
    raise DiscoveryError(f'there is no folder "{text}"', "Check the spelling and the working directory.")


def positive(text: str) -> int:
    """A whole number from 1 on, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number
