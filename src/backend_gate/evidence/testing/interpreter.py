"""The Python that has the project's dependencies."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from backend_gate.errors import EvidenceError, GateError
from backend_gate.settings import Settings

_PROBE = (
    "import importlib.util as u, json; "
    "names = ('coverage', 'pytest'); "
    "print(json.dumps([name for name in names if not u.find_spec(name)]))"
)
_PATIENCE = 300


class Interpreter(msgspec.Struct, frozen=True):
    """A command that starts Python."""

    command: tuple[str, ...]

    @property
    def shown(self) -> str:
        """The command as a person would type it."""
        return shlex.join(self.command)


def find_interpreter(
    settings: Settings, python: str | None = None, environment: Mapping[str, str] | None = None
) -> Interpreter:
    """The project's interpreter, which has coverage and pytest.

    In this order: ``python`` (of the command line), the configured command, the configured interpreter, the active
    virtual environment, the one in ``.venv`` beside the configuration, and the Python that runs the gate.

    Raises:
        EvidenceError: it cannot be started, or lacks what it needs.
    """
    environment = os.environ if environment is None else environment
    command = _command(settings, python, environment)
    interpreter = Interpreter(command)
    _probe(interpreter, settings.base)
    return interpreter


def _command(settings: Settings, python: str | None, environment: Mapping[str, str]) -> tuple[str, ...]:
    base, test = settings.base, settings.test
    if python:
        return (_executable(python),)
    if test.command:
        return (*test.command, test.python or "python")
    if test.python:
        return (str(base / test.python) if os.sep in test.python or "/" in test.python else test.python,)
    if environment.get("VIRTUAL_ENV"):
        return (str(_of_environment(Path(environment["VIRTUAL_ENV"]))),)
    local = _of_environment(base / ".venv")
    return (str(local) if local.exists() else sys.executable,)


def _executable(python: str) -> str:
    """A path stays one though the tests run in another folder; a bare name is looked up."""
    if os.sep in python or "/" in python:
        return str(Path.cwd() / python)
    return shutil.which(python) or python


def _of_environment(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _probe(interpreter: Interpreter, base: Path) -> None:
    """Whether it starts and has what it needs."""
    try:
        done = subprocess.run(  # noqa: S603  the user's own interpreter
            [*interpreter.command, "-c", _PROBE],
            cwd=base,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EvidenceError(
            f"cannot be started ({error})",
            "Name the project's interpreter: --python, or [tool.backend-gate.test] python or command.",
            file=interpreter.shown,
        ) from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise EvidenceError(
            f"does not start Python ({lines[-1]})",
            "Name the project's interpreter with --python.",
            file=interpreter.shown,
        )
    try:
        missing = msgspec.json.decode(done.stdout.strip().rpartition("\n")[2], type=list[str])
    except msgspec.DecodeError as error:
        raise EvidenceError(
            "does not start Python (it ended well, but did not answer)",
            "Name the project's interpreter with --python.",
            file=interpreter.shown,
        ) from error
    if missing:
        names = " ".join(missing)
        raise GateError(
            f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed where the tests run "
            f"({interpreter.shown})",
            f"Install: {_installing(interpreter, names)}",
        )


_ADD = {
    "uv": "uv add --dev",
    "poetry": "poetry add --group dev",
    "pdm": "pdm add -d",
    "hatch": "hatch run pip install",
}


def _installing(interpreter: Interpreter, names: str) -> str:
    """The command that installs them there."""
    return f"{_ADD.get(interpreter.command[0], f'{interpreter.shown} -m pip install')} {names}"
