"""Measures one suite; run by path with the project's own interpreter, which need not have backend-gate.

It keeps the project's configuration of coverage.py and changes what would lose lines: threads and greenlets are
followed, contexts are kept, and what the suite never imports counts as well. Only the standard library and coverage
are imported before the tests are.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main(task: dict[str, Any]) -> int:
    """Run pytest as the task says; write the data, the report, and how it ended."""
    sys.path[0] = str(Path.cwd())  # as `python -m pytest` has it
    import coverage
    from coverage.exceptions import CoverageException

    state: dict[str, Any] = {
        "concurrency": [],
        "python": ".".join(str(part) for part in sys.version_info[:3]),
        "coverage": coverage.__version__,
        "exit": None,
        "report": "",
    }
    try:
        measuring = coverage.Coverage(data_file=task["data"], config_file=True)
        state["concurrency"] = _configure(measuring, task)
        measuring.start()
    except CoverageException as error:
        state["report"] = str(error)
        Path(task["state"]).write_text(json.dumps(state), encoding="utf-8")
        return 2
    try:
        import pytest

        state["exit"] = int(pytest.main(task["pytest"], plugins=[_alone()]))
    finally:
        try:
            measuring.stop()
            measuring.save()
            if measuring.get_option("run:parallel"):
                measuring.combine([str(Path(task["data"]).parent)], keep=False)
            measuring.json_report(outfile=task["report"], ignore_errors=True, show_contexts=True)
            _keep(measuring.get_data(), task["data"])
        except (
            CoverageException,
            AssertionError,
        ) as error:  # the second, if a test has begun to measure as well
            state["report"] = str(error)
        Path(task["state"]).write_text(json.dumps(state), encoding="utf-8")
    return int(state["exit"])


def _alone() -> Any:
    """A plugin of pytest: only this process runs tests, and only it measures.

    What the project has set, in its configuration or environment, stands in ``args`` already and comes first.
    """
    import pytest

    class Alone:
        @pytest.hookimpl(hookwrapper=True)  # so before pytest-cov, which starts in this hook and first of all
        def pytest_load_initial_conftests(self, early_config: Any, args: list[str]) -> Iterator[None]:
            options = early_config.known_args_namespace
            if hasattr(options, "numprocesses"):  # pytest-xdist: what its workers run would be lost
                args += ["-n", "0"]
            if hasattr(options, "no_cov"):  # pytest-cov: it would measure in our place
                args.append("--no-cov")
                options.no_cov = True
            yield

    return Alone()


def _keep(data: Any, name: str) -> None:
    """Where processes measure each for itself, combining leaves the data under a name of its own."""
    found = data.data_filename()
    data.close()
    if found != name:
        Path(found).replace(name)


def _configure(measuring: Any, task: dict[str, Any]) -> list[str]:
    """Set what must not depend on the project's configuration, and what it leaves open."""
    from coverage.exceptions import ConfigError

    measuring.set_option("run:branch", True)
    if not measuring.get_option("run:dynamic_context"):
        measuring.set_option("run:dynamic_context", "test_function")
    if not any(measuring.get_option(name) for name in ("run:source", "run:source_pkgs", "run:include")):
        measuring.set_option("run:source", task["source"])
        measuring.set_option("run:omit", [*(measuring.get_option("run:omit") or []), *task["omit"]])
    concurrency = set(measuring.get_option("run:concurrency") or [])
    concurrency.add("thread")
    if not concurrency & {"greenlet", "gevent", "eventlet"} and _is_installed("greenlet"):
        concurrency.add("greenlet")
    measuring.set_option("run:concurrency", sorted(concurrency))
    if _is_installed("coverage.tracer"):
        with contextlib.suppress(ConfigError):  # an older version knows no other core
            measuring.set_option("run:core", "ctrace")
    return sorted(concurrency)


def _is_installed(name: str) -> bool:
    try:
        __import__(name)
    except ImportError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
