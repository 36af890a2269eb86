"""The process that evidence is gathered in: ``python -P -m backend_gate.evidence.worker TASK``.

It reads one request from standard input and writes one reply to standard output. What libraries print goes to
standard error. It may be ended at any time.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys

TASKS = {
    "bandit": "backend_gate.evidence.bandit_worker",
    "coverage": "backend_gate.evidence.coverage.worker",
    "radon": "backend_gate.evidence.radon_worker",
}
"""The modules that answer; each has a function ``run`` from bytes to bytes."""

MAX_MEMORY = 4 * 1024 * 1024 * 1024


def main(arguments: list[str]) -> int:
    """Answer one request."""
    (task,) = arguments
    output = os.dup(1)
    os.dup2(2, 1)
    _limit_memory()
    request = sys.stdin.buffer.read()
    reply = importlib.import_module(TASKS[task]).run(request)
    with os.fdopen(output, "wb") as stream:
        stream.write(reply)
    return 0


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
