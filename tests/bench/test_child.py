from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench import child

MEGABYTE = 1 << 20


def test_output_and_exit_code() -> None:
    outcome = child.run(
        [sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"]
    )
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (3, "out\n", "err\n")
    assert 0 < outcome.seconds < 30


@pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="only Linux tells shared memory apart"
)
def test_memory_of_workers_is_added_up() -> None:
    worker = "import time; block = bytearray(b'x' * (60 << 20)); time.sleep(1)"
    parent = (
        "import subprocess, sys\n"
        f"workers = [subprocess.Popen([sys.executable, '-c', {worker!r}]) for _ in range(2)]\n"
        "for worker in workers: worker.wait()"
    )
    outcome = child.run([sys.executable, "-c", parent])
    assert outcome.peak_is_sum
    assert outcome.peak_bytes > 120 * MEGABYTE


def test_the_time_limit_ends_the_command() -> None:
    outcome = child.run([sys.executable, "-c", "import time; time.sleep(60)"], timeout=0.5)
    assert outcome.exit_code is None
    assert outcome.seconds < 30
