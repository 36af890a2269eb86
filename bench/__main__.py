"""Every measurement that needs no human, one after the other: what ``docs/measurements.md`` shows.

Arguments are passed on to each command: use those that all share (``--corpus``, ``--only``, ``--write`` …).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bench import agreement, measure, precision
from bench.mutate import __main__ as mutate


def main(argv: Sequence[str]) -> int:
    """Run all of them; the worst of their exit codes."""
    shared = list(argv)
    written = ["--write"] if "--write" in shared else []
    return max(measure.main(shared), agreement.main(shared), mutate.main(shared), precision.main(written))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
