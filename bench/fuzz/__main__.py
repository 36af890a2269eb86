"""Give the gate thousands of broken backends: no traceback, no hang, no death, exit code 0, 1 or 2.

Inputs are examples of the rules and example backends with changed bytes, configurations and vocabularies
likewise, odd names of files, and random programs. They depend on ``--seed`` and their number alone; every
hundredth is also given to the command in a process of its own. ``--write`` puts the table into
``docs/measurements.md``, ``--keep DIR`` keeps what led to a fault, ``--only NUMBER`` repeats one input.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import functools
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from backend_gate import gate
from backend_gate.backend import vocabulary
from bench import tables
from bench.fuzz import inputs, judge

_SAMPLE = 100


def main(argv: Sequence[str] | None = None) -> int:
    """Run it; 0 if the gate kept its promises on every input, else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000, metavar="N", help="how many (default: 10,000)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the number of the first one")
    parser.add_argument("--seed", type=int, default=1, help="what the inputs depend on (default: 1)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (default: 1)")
    parser.add_argument("--seconds", type=float, metavar="N", help="stop after so long")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="this input alone")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the inputs that led to a fault")
    parser.add_argument("--write", action="store_true", help="put the table into docs/measurements.md")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    first, last = args.first, args.first + args.inputs
    if args.only is not None:
        first, last, args.jobs = args.only, args.only + 1, 1
    if args.worker:
        return _work(args.seed, range(first, last))
    ends = time.monotonic() + args.seconds if args.seconds else None
    outcomes = sorted(_outcomes(args.seed, first, last, args.jobs, ends), key=lambda outcome: outcome.number)
    faults = [outcome for outcome in outcomes if outcome.fault]
    for outcome in faults:
        print(f"{outcome.number} ({outcome.kind}): {outcome.fault}")
        if args.keep:
            judge.write(inputs.make(args.seed, outcome.number).files, args.keep / str(outcome.number))
    content = _table(outcomes)
    print(content)
    if args.write:
        tables.write_block("fuzz", content)
    return 1 if faults else 0


def _work(seed: int, numbers: Sequence[int]) -> int:
    """Judge inputs one after the other; says which one is next before it begins.

    The gate's own files are read once, and not for every input.
    """
    for module, name in ((gate, "load_registry"), (vocabulary, "_gates_file")):
        setattr(module, name, functools.cache(getattr(module, name)))
    for number in numbers:
        print(json.dumps({"next": number}), flush=True)
        outcome = judge.judge(number, inputs.make(seed, number), in_a_process=number % _SAMPLE == 0)
        print(json.dumps(dataclasses.asdict(outcome)), flush=True)
    return 0


def _outcomes(seed: int, first: int, last: int, jobs: int, ends: float | None) -> Iterator[judge.Outcome]:
    """The outcomes of all inputs. A worker that dies costs the input it was at, and is replaced."""
    share = -(-(last - first) // jobs)
    running = [_Worker(seed, start, min(last, start + share)) for start in range(first, last, share)]
    results: queue.SimpleQueue[judge.Outcome | None] = queue.SimpleQueue()
    for worker in running:
        threading.Thread(target=worker.run, args=(results, ends), daemon=True).start()
    done = left = 0
    while left < len(running):
        outcome = results.get()
        if outcome is None:
            left += 1
            continue
        done += 1
        if done % (10 * _SAMPLE) == 0:
            print(f"{done:,} …", file=sys.stderr, flush=True)
        yield outcome


class _Worker:
    """A process that judges the inputs from ``first`` up to ``last``."""

    def __init__(self, seed: int, first: int, last: int) -> None:
        self._seed, self._last = seed, last
        self._start(first)

    def _start(self, first: int) -> None:
        self._next = first
        command = [sys.executable, "-m", "bench.fuzz", "--worker", "--seed", str(self._seed)]
        command += ["--first", str(first), "--inputs", str(self._last - first)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def run(self, results: queue.SimpleQueue[judge.Outcome | None], ends: float | None) -> None:
        """Hand on every outcome, and ``None`` at the end."""
        while (outcome := self.next_outcome()) is not None:
            results.put(outcome)
            if ends is not None and time.monotonic() > ends:
                self._process.kill()
                break
        self._process.wait()
        results.put(None)

    def next_outcome(self) -> judge.Outcome | None:
        if self._next >= self._last:
            return None
        stream = self._process.stdout
        assert stream is not None  # noqa: S101  (it was asked for)
        for line in stream:
            message = json.loads(line)
            if "next" in message:
                self._next = message["next"]
            else:
                self._next += 1
                return judge.Outcome(**message)
        code = self._process.wait()
        number = self._next
        kind = inputs.make(self._seed, number).kind
        self._next = number + 1
        if self._next < self._last:
            self._start(self._next)
        return judge.Outcome(number, kind, -1, 0.0, f"the process died ({code})")


def _table(outcomes: Sequence[judge.Outcome]) -> str:
    by_kind: dict[str, list[judge.Outcome]] = collections.defaultdict(list)
    for outcome in outcomes:
        by_kind[outcome.kind].append(outcome)
    rows = [_row(kind, found) for kind, found in sorted(by_kind.items())]
    head = ("input", "number", "passes", "fails", "could not judge", "faults", "slowest, s")
    return tables.table(head, [*rows, _row("together", outcomes)])


def _row(kind: str, outcomes: Sequence[judge.Outcome]) -> list[object]:
    codes = collections.Counter(outcome.code for outcome in outcomes)
    slowest = max((outcome.seconds for outcome in outcomes), default=0.0)
    faults = sum(bool(outcome.fault) for outcome in outcomes)
    return [kind, len(outcomes), codes[0], codes[1], codes[2], faults, f"{slowest:.1f}"]


if __name__ == "__main__":
    sys.exit(main())
