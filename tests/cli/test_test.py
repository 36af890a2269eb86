"""``backend-gate test`` runs real pytest under real coverage, in a process as its user has it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
import running

from backend_gate.backend.model import FunctionCode, Place
from backend_gate.discover import discover
from backend_gate.errors import EvidenceError, GateError
from backend_gate.evidence.coverage.model import State
from backend_gate.evidence.coverage.suites import Reading
from backend_gate.evidence.endpoints import Coverage, Runs
from backend_gate.evidence.gather import sources_of
from backend_gate.evidence.model import Evidence
from backend_gate.evidence.testing import interpreter
from backend_gate.facts.model import Span
from backend_gate.gate import check
from backend_gate.settings import Settings, load_settings
from backend_gate.suite_settings import PytestRun

PRICES = """\
def discount(total: int) -> int:
    if total >= 1000:
        return total * 9 // 10
    return total


def tax(total: int) -> int:
    return total * 19 // 100
"""
UNIT = "from shop.prices import discount\n\n\ndef test_discount() -> None:\n    assert discount(10) == 10\n"
INTEGRATION = "import shop.prices\n\n\ndef test_tax() -> None:\n    assert shop.prices.tax(100) == 19\n"


def make_project(root: Path) -> Path:
    """A package with a test of each kind."""
    for name, text in {
        "shop/__init__.py": "",
        "shop/prices.py": PRICES,
        "shop/idle.py": "NEVER = 1\n",
        "tests/unit/test_prices.py": UNIT,
        "tests/integration/test_tax.py": INTEGRATION,
        "pyproject.toml": "[project]\nname = 'shop'\nversion = '1'\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with evidence of its unit tests; tests leave its files as they are."""
    root = make_project(tmp_path_factory.mktemp("measured"))
    assert run(root, "unit").returncode == 0
    return root


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # The plugin of hypothesis is of no use to these tests, and loading it under coverage takes longer than they do.
    env = running.environment(PYTEST_ADDOPTS="-p no:hypothesispytest")
    env.pop("VIRTUAL_ENV", None)
    return running.gate("test", *arguments, cwd=project, env=env)


def test_suites_are_run_and_their_coverage_is_evidence(project: Path) -> None:
    done = run(project)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("1 passed") == 2, "the output of pytest is passed on"
    assert "unit: 55.56 % covered, at least 80 % wanted" in done.stdout
    assert "integration: 33.33 % covered, at least 70 % wanted" in done.stdout
    _, verdict = check([project], jobs=1)
    assert [suite.state for suite in verdict.suites] == [State.MEASURED, State.MEASURED]
    document = json.loads((project / ".backend-gate/coverage/unit/coverage.json").read_text("utf-8"))
    assert verdict.suites[0].numbers.percent == document["totals"]["percent_covered"]
    assert "shop/idle.py" in document["files"], "what no test imports counts"
    assert not any(name.startswith("tests/") for name in document["files"])
    contexts = str(document["files"]["shop/prices.py"]["contexts"])
    assert "test_prices.test_discount" in contexts
    record = json.loads((project / ".backend-gate/coverage/unit/run.json").read_text("utf-8"))
    assert "thread" in record["concurrency"]
    assert ("greenlet" in record["concurrency"]) is (find_spec("greenlet") is not None)
    assert (project / ".backend-gate/.gitignore").read_text("utf-8") == "*\n"


@pytest.mark.parametrize("name", ["shop/prices.py", "tests/unit/test_prices.py", "shop/new.py"])
def test_any_change_makes_the_evidence_stale(measured: Path, name: str) -> None:
    file = measured / name
    before = file.read_bytes() if file.exists() else None
    with file.open("a", encoding="utf-8") as stream:
        stream.write("\nMORE = 1\n")

    _, verdict = check([measured], jobs=1)

    if before is None:
        file.unlink()
    else:
        file.write_bytes(before)
    assert verdict.suites[0].state is State.STALE
    assert verdict.suites[0].reason == f"{name} changed since it was measured"
    assert verdict.suites[0].advice == "`backend-gate test unit` makes it"
    assert check([measured], jobs=1)[1].suites[0].state is State.MEASURED


@pytest.mark.parametrize(
    ("test", "code", "said"),
    [
        ("def test_a():\n    assert False\n", 1, "unit: Tests failed."),
        ("import missing_module\n", 2, "unit: The tests could not be collected"),
        ("def nothing():\n    pass\n", 2, "unit: There was no test to run."),
        ("import os\n\ndef test_a():\n    os._exit(7)\n", 2, "ended before pytest did (exit code 7)"),
        (
            "import os\n\ndef test_a():\n    os.kill(os.getpid(), 9)\n",
            2,
            "ended before pytest did (signal 9)",
        ),
    ],
    ids=["failing", "collection error", "no test", "exit", "killed"],
)
def test_how_it_ends_decides_the_exit_code(project: Path, test: str, code: int, said: str) -> None:
    (project / "tests/unit/test_prices.py").write_text(test, "utf-8")

    done = run(project, "unit")

    assert done.returncode == code, done.stdout + done.stderr
    assert said in done.stdout
    assert check([project], jobs=1)[1].suites[0].state is not State.MEASURED


def test_a_conftest_that_cannot_be_imported_is_no_wrong_call(project: Path) -> None:
    (project / "tests/unit/conftest.py").write_text("import missing_module\n", "utf-8")

    done = run(project, "unit")

    assert done.returncode == 2
    assert "unit: Pytest could not start; what it said above tells why." in done.stdout
    assert "No module named 'missing_module'" in done.stderr


def test_partial_coverage_of_failing_tests_is_shown(project: Path) -> None:
    with (project / "tests/unit/test_prices.py").open("a", encoding="utf-8") as stream:
        stream.write("\n\ndef test_wrong() -> None:\n    assert discount(1000) == 1\n")

    done = run(project, "unit")

    assert done.returncode == 1
    assert "77.78 % covered" in done.stdout
    suite = check([project], jobs=1)[1].suites[0]
    assert (suite.state, suite.advice) == (State.FAILED, "`backend-gate test unit` makes it once they pass")


def test_markers_and_the_projects_own_configuration_are_kept(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        "[project]\nname = 'shop'\nversion = '1'\n"
        "[tool.pytest.ini_options]\nmarkers = ['slow: takes long']\n"
        "[tool.coverage.run]\nsource = ['shop']\nomit = ['shop/idle.py']\n"
        "[tool.backend-gate.suites.fast]\nmarker = 'not slow'\nthreshold = 50\n",
        "utf-8",
    )
    (project / "tests/unit/test_prices.py").write_text(
        f"import pytest\n{UNIT}\n\n@pytest.mark.slow\ndef test_slow() -> None:\n    assert False\n", "utf-8"
    )

    done = run(project)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed, 1 deselected" in done.stdout
    (suite,) = check([project], jobs=1)[1].suites
    assert suite.omitted_files == ("shop/idle.py",)


def test_data_of_parallel_processes_is_combined(project: Path) -> None:
    (project / ".coveragerc").write_text("[run]\nparallel = true\nsource = shop\n", "utf-8")

    done = run(project, "unit")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "unit: 55.56 % covered" in done.stdout


@pytest.mark.parametrize(
    "options", ["-n 2", "-p no:xdist", "-n 2 -p no:cov --strict-markers"], ids=["workers", "without", "both"]
)
def test_plugins_that_run_or_measure_elsewhere_do_not(project: Path, options: str) -> None:
    (project / "pytest.ini").write_text(f"[pytest]\naddopts = {options}\n", "utf-8")

    done = run(project, "unit")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "unit: 55.56 % covered" in done.stdout


def test_pytest_cov_does_not_measure_in_our_place(project: Path) -> None:
    (project / "pytest_cov_stand_in.py").write_text(
        "import pytest\n\n"
        "def pytest_addoption(parser):\n"
        "    parser.addoption('--cov', dest='cov_source')\n"
        "    parser.addoption('--no-cov', dest='no_cov', action='store_true')\n\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_load_initial_conftests(early_config, args):\n"
        "    assert early_config.known_args_namespace.no_cov and '--no-cov' in args\n\n"
        "def pytest_configure(config):\n"
        "    assert (config.option.cov_source, config.option.no_cov) == ('shop', True)\n",
        "utf-8",
    )
    (project / "pytest.ini").write_text(
        "[pytest]\naddopts = -p no:pytest_cov -p pytest_cov_stand_in --cov=shop\n", "utf-8"
    )

    done = run(project, "unit")

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_test_that_measures_as_well_is_no_crash(project: Path) -> None:
    (project / "tests/unit/test_prices.py").write_text(
        "import coverage\n\n\ndef test_discount() -> None:\n    coverage.Coverage(data_file=None).start()\n",
        "utf-8",
    )

    done = run(project, "unit")

    assert done.returncode == 2
    assert "unit: coverage.py has no report: " in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_functions_on_one_line_are_known_whether_data_was_combined_or_not(project: Path) -> None:
    (project / ".coveragerc").write_text("[run]\nparallel = true\nsource = shop\n", "utf-8")
    (project / "shop/prices.py").write_text(f"{PRICES}\n\ndef rate() -> int: return 19\n", "utf-8")
    # Imported by a test, so that the line of the function runs in the context of a test.
    (project / "tests/unit/test_prices.py").write_text(
        "def test_discount() -> None:\n    import shop.prices\n\n    assert shop.prices.discount(10) == 10\n",
        "utf-8",
    )

    assert run(project, "unit").returncode == 0

    assert (project / ".backend-gate/coverage/unit/data").is_file()
    rate = FunctionCode("rate", Place("shop/prices.py", Span(11, 1, 11, 30)), lines=(11,), starts=(11,))
    settings = load_settings(project)
    sources = sources_of(discover(project, settings), project)
    with Reading(settings, sources, lambda: "") as reading:
        suite, _ = reading.result()
    assert Coverage(Evidence((suite,))).runs(suite, rate).runs is Runs.NO


def test_an_interrupt_lets_the_tests_clean_up_and_keeps_what_ran(project: Path) -> None:
    (project / "tests/unit/test_prices.py").write_text(
        f"{UNIT}\n\nimport time\nfrom pathlib import Path\n\n\n"
        "def test_long() -> None:\n"
        "    Path('begun').touch()\n"
        "    try:\n"
        "        time.sleep(60)\n"
        "    finally:\n"
        "        time.sleep(1)\n"
        "        Path('cleaned-up').touch()\n",
        "utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "backend_gate", "test"],
        cwd=project,
        env=running.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=running.interruptible,  # noqa: PLW1509  there are no threads here
        encoding="utf-8",
    )
    end = time.monotonic() + 60
    while not (project / "begun").exists() and time.monotonic() < end:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes of the group
    out, err = process.communicate(timeout=60)

    assert process.returncode == 2, out + err
    assert (project / "cleaned-up").exists()
    assert "unit: It was interrupted." in out
    assert "Not run any more: integration." in out
    assert "unit: 55.56 % covered" in out
    assert not (project / ".backend-gate/coverage/integration").exists()
    assert check([project], jobs=1)[1].suites[0].state is State.FAILED


def test_coverage_that_cannot_start_is_said_in_one_sentence(project: Path) -> None:
    (project / ".coveragerc").write_text("[run]\nconcurrency = gevent\n", "utf-8")

    done = run(project, "unit")

    assert done.returncode == 2
    assert "coverage.py does not start: Couldn't trace with concurrency=gevent" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("end-to-end",), 'there is no suite "end-to-end"'),
        (("--python", "/no/such/python"), "cannot be started"),
        (("--project", "nowhere"), 'there is no folder "nowhere"'),
    ],
)
def test_what_cannot_be_run_ends_with_2(project: Path, arguments: tuple[str, ...], said: str) -> None:
    done = running.gate_here("test", *arguments, cwd=project)

    assert done.returncode == 2
    assert said in done.stderr


def test_tests_that_nobody_knows_of_are_asked_for(project: Path) -> None:
    (project / "tests/unit").rename(project / "tests/small")

    done = running.gate_here("test", "unit", cwd=project)

    assert done.returncode == 2
    assert "there is no folder tests/unit" in done.stderr
    assert "[tool.backend-gate.suites.unit]" in done.stderr


def test_missing_modules_are_named_with_the_command_that_installs_them(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n', "utf-8")
    python.chmod(0o755)

    with pytest.raises(GateError) as caught:
        interpreter.find_interpreter(Settings(base=tmp_path), str(python))

    assert caught.value.message.startswith("coverage and pytest are not installed where the tests run")
    assert caught.value.hint == f"Install: {python} -m pip install coverage pytest"


def test_the_interpreter_is_found_in_this_order(tmp_path: Path) -> None:
    def command(settings: Settings, python: str | None = None, **environment: str) -> str:
        return " ".join(interpreter._command(settings, python, environment))

    plain = Settings(base=tmp_path)
    assert command(plain) == sys.executable
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").touch()
    assert command(plain) == str(tmp_path / ".venv/bin/python")
    assert command(plain, VIRTUAL_ENV="/env") == "/env/bin/python"
    chosen = Settings(base=tmp_path, test=PytestRun(python="env/bin/python"))
    assert command(chosen, VIRTUAL_ENV="/env") == str(tmp_path / "env/bin/python")
    uv = Settings(base=tmp_path, test=PytestRun(("uv", "run")))
    assert command(uv, VIRTUAL_ENV="/env") == "uv run python"
    assert command(uv, "/other/python") == "/other/python"


@pytest.mark.parametrize("command", ["false", "true", "echo"])
def test_a_command_that_does_not_start_python_is_named(tmp_path: Path, command: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        interpreter.find_interpreter(Settings(base=tmp_path, test=PytestRun((command,))), environment={})

    assert "does not start Python" in str(caught.value)
