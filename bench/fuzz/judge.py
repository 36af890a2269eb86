"""Gives one input to the gate in this process, as a user would on the command line, and looks at what it does."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import FrameType

from backend_gate.cli.main import main
from backend_gate.cli.rendering import FORMATS
from bench.fuzz.inputs import Input, Tree

LIMIT = 20.0
"""Seconds after which an input counts as a hang. The slowest sound ones take less than one."""

_JSON = frozenset({"json", "sarif", "gitlab"})


class HangError(BaseException):
    """The gate is still busy. No ``Exception``, so that nothing takes it for one of its own."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What an input led to. ``fault`` is empty if the gate did as it promises."""

    number: int
    kind: str
    code: int
    seconds: float
    fault: str = ""


def write(tree: Tree, folder: Path) -> None:
    """Write the files whose names this file system takes; a file in the way of a folder stays."""
    for name, data in tree.items():
        file = folder / PurePosixPath(name)
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)


def judge(number: int, given: Input, *, in_a_process: bool = False) -> Outcome:
    """Judge one input; with ``in_a_process`` by the installed command as well, which has to agree."""
    scratch = Path(tempfile.mkdtemp(prefix="backend-gate-fuzz-"))
    try:
        folder = scratch / "backend"
        folder.mkdir()
        write(given.files, folder)
        form = FORMATS[number % len(FORMATS)]
        out, report = scratch / "report", scratch / "report.json"
        arguments = [
            "check",
            str(folder),
            "--format",
            form,
            "--output",
            str(out),
            "--report",
            f"json={report}",
        ]
        arguments += ["--jobs", "1", *(["--strict"] if number % 3 == 0 else [])]
        started = time.perf_counter()
        code, said = _run(arguments)
        seconds = time.perf_counter() - started
        fault = said or f"code {code}" if code not in (0, 1, 2) else _fault(code, said, form, out, report)
        if not fault and in_a_process:
            fault = _other(arguments, code)
        return Outcome(number, given.kind, code, seconds, fault)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(arguments: list[str]) -> tuple[int, str]:
    """The exit code and what was said on standard error; code -1 for what should not happen."""
    said = io.StringIO()
    try:
        with _limited(LIMIT), contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            return main(arguments), said.getvalue()
    except HangError:
        return -1, f"no answer within {LIMIT:.0f} s"
    except BaseException as error:  # noqa: BLE001  that it got out is the finding
        return -1, f"{type(error).__name__}: {error}"


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def stop(number: int, frame: FrameType | None) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _fault(code: int, said: str, form: str, out: Path, report: Path) -> str:
    if "Traceback" in said:
        return said.strip().splitlines()[-4 if "crashed, and nothing" in said else -1]
    if not report.exists():  # a configuration that is wrong: a message, and nothing else
        return "" if code == 2 and said.startswith("backend-gate: ") else f"no report: {said[-300:]}"
    document = json.loads(report.read_text("utf-8"))
    if document["exit_code"] != code:
        return f"exit code {code}, and {document['exit_code']} in the report"
    for problem in document["problems"]:
        if problem["kind"].endswith("-crashed") or "a fault of backend-gate" in problem["message"]:
            return f"{problem['kind']}: {problem['subject']}: {problem['message']}"
    try:
        text = out.read_text("utf-8")
        if form in _JSON:
            json.loads(text)
        elif form == "junit":
            ET.fromstring(text)  # noqa: S314  (written by the gate)
    except (OSError, ValueError, ET.ParseError) as error:
        return f"the report as {form} cannot be read: {error}"
    return ""


def _other(arguments: list[str], code: int) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "backend_gate", *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=5 * LIMIT,
        check=False,
    )
    if done.returncode != code or "Traceback" in done.stderr:
        return f"code {code} in process and {done.returncode} in a process of its own: {done.stderr[-300:]}"
    return ""
