"""How the process of the command begins and ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "backend_gate"]
FAULTS = """
import resource, sys
from backend_gate.cli.entry import _with_room

def deep(levels):
    if levels:
        return deep(levels - 1)

def up_and_down():
    for _ in range(2000):
        deep(600)  # over the end of the piece of the stack, and back
    return 0

before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
{call}
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_the_exit_code_and_all_output_arrive(tmp_path: Path) -> None:
    listed = subprocess.run([*COMMAND, "rules"], capture_output=True, text=True, check=False)
    assert listed.returncode == 0
    assert listed.stdout.endswith("\n")
    assert "BG101" in listed.stdout
    assert not listed.stderr
    nothing = subprocess.run(
        [*COMMAND, "check", str(tmp_path / "gone")], capture_output=True, text=True, check=False
    )
    assert nothing.returncode == 2
    assert "gone" in nothing.stderr
    usage = subprocess.run([*COMMAND, "check", "--nonsense"], capture_output=True, text=True, check=False)
    assert usage.returncode == 2
    assert "--nonsense" in usage.stderr


def test_nobody_has_to_read_to_the_end() -> None:
    with subprocess.Popen([*COMMAND, "rules"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_an_interrupt_before_the_command_has_begun_is_no_crash() -> None:
    code = (
        "import sys\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'backend_gate.cli.main':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "from backend_gate.cli.entry import start\n"
        "start()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@pytest.mark.parametrize(("closed", "code"), [(">&-", 2), ("2>&-", 0)])
def test_a_closed_stream_is_no_crash(closed: str, code: int) -> None:
    command = f'"{sys.executable}" -m backend_gate rules {closed}'
    assert subprocess.run(["sh", "-c", command], capture_output=True, check=False).returncode == code


@pytest.mark.skipif(sys.implementation.name != "cpython", reason="about the frames of CPython")
def test_a_recursion_stays_on_one_piece_of_the_stack() -> None:
    def faults(call: str) -> int:
        code = FAULTS.format(call=call)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert faults("_with_room(up_and_down)") * 3 < faults("up_and_down()")
