"""The commands: terminals and signals, in processes of their own, and what each prints."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from running import (
    BODIES,
    UNTYPED,
    environment,
    gate,
    gate_here,
    interruptible,
    make_backend,
    on_terminal,
    python,
    python_on_terminal,
)

from backend_gate import __version__
from backend_gate.cli import rules
from backend_gate.cli.main import main


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A backend with an untyped body."""
    return make_backend(tmp_path / "shop")


# --- colour, terminal, signals -------------------------------------------------------------------


def test_colours_on_a_terminal_only(shop: Path) -> None:
    assert "\x1b[1;31m" in on_terminal(*BODIES, cwd=shop)
    for plain in (
        on_terminal(*BODIES, cwd=shop, NO_COLOR="1"),
        on_terminal(*BODIES, "--no-color", cwd=shop),
        on_terminal(*BODIES, cwd=shop, TERM="dumb"),
        gate(*BODIES, cwd=shop).stdout,
    ):
        assert "BG201" in plain
        assert "\x1b[" not in plain
    assert "\x1b[" in gate(*BODIES, cwd=shop, env=environment(FORCE_COLOR="1")).stdout


def test_progress_is_shown_on_a_terminal_and_leaves_nothing_behind(shop: Path) -> None:
    code = (
        "import sys\n"
        "from backend_gate.cli import main, progress\n"
        "progress.PATIENCE = progress.INTERVAL = 0\n"
        "sys.exit(main.main(sys.argv[1:]))\n"
    )
    for command in ("check", "routes"):
        text = python_on_terminal("-c", code, command, cwd=shop)
        shown, erased, report = text.rpartition("\x1b[2K")
        assert "Reading files" in shown
        assert "2/2" in shown
        assert erased
        assert "Reading files" not in report
        assert "/users" in report
    assert "Reading files" not in python_on_terminal("-c", code, "check", "--quiet", cwd=shop)
    piped = python("-c", code, "check", cwd=shop)
    assert "Reading files" not in piped.stdout + piped.stderr


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_check_is_code_2(tmp_path: Path, signal_number: signal.Signals) -> None:
    root = make_backend(tmp_path)
    for number in range(400):
        (root / "shop" / f"module{number}.py").write_text(UNTYPED * 20)
    process = subprocess.Popen(
        [sys.executable, "-m", "backend_gate", "check"],
        cwd=root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=interruptible,  # noqa: PLW1509  there are no threads here
        encoding="utf-8",
    )
    time.sleep(1.5)
    if signal_number is signal.SIGINT:
        os.killpg(process.pid, signal_number)  # as a terminal does: to all processes of the group
    else:
        process.terminate()  # as a runner does that is out of patience
    out, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert out == ""
    assert err.strip() == "backend-gate: interrupted. Nothing was judged."


# --- the other commands --------------------------------------------------------------------------


def test_routes_keep_to_the_schema_that_schema_prints(shop: Path) -> None:
    schema = json.loads(gate_here("schema", "routes", cwd=shop).stdout)
    done = gate_here("routes", "--format", "json", "--output", "routes.json", cwd=shop)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    document = json.loads((shop / "routes.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    (endpoint,) = document["endpoints"]
    assert (endpoint["methods"], endpoint["path"], endpoint["handler"]) == (
        ["POST"],
        "/users",
        "shop.main.create_user",
    )
    assert (endpoint["file"], endpoint["line"], endpoint["app"]) == ("shop/main.py", 7, "shop.main.app")
    assert endpoint["bodies"] == [{"name": "data", "annotation": "dict", "untyped": True}]


def test_routes_as_a_table(shop: Path) -> None:
    done = gate_here("routes", cwd=shop)
    assert done.returncode == 0
    assert re.search(
        r"^POST +/users .* create_user shop/main.py:7 +untyped body data$", done.stdout, re.MULTILINE
    )


def test_routes_of_what_cannot_be_read_is_code_2(shop: Path) -> None:
    (shop / "shop" / "broken.py").write_text("def f(:\n")
    done = gate_here("routes", cwd=shop)
    assert done.returncode == 2
    assert "/users" in done.stdout
    assert "shop/broken.py:" in done.stderr


def test_every_printed_schema_is_a_schema(shop: Path) -> None:
    names = {Path(str(item)).stem for item in (resources.files("backend_gate") / "schemas").iterdir()}
    assert names == {"baseline", "check", "handoff", "routes", "suppressions"}
    for name in names:
        Draft202012Validator.check_schema(json.loads(gate_here("schema", name, cwd=shop).stdout))


def test_check_keeps_to_its_schema(shop: Path) -> None:
    (shop / "shop" / "broken.py").write_text("def f(:\n")
    schema = json.loads((resources.files("backend_gate") / "schemas" / "check.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(json.loads(gate_here("check", "--format", "json", cwd=shop).stdout))


def test_rules_and_explain(shop: Path) -> None:
    assert re.search(
        r"^  BG101 +endpoint-without-auth +error ", gate_here("rules", cwd=shop).stdout, re.MULTILINE
    )
    page = gate_here("explain", "bg101", cwd=shop).stdout
    assert page.startswith("# BG101 endpoint-without-auth\n")
    assert "## How to fix it" in page
    assert "```python" in page
    assert gate_here("explain", "endpoint-without-auth", cwd=shop).stdout == page


def test_explain_is_laid_out_on_a_terminal(shop: Path) -> None:
    page = on_terminal("explain", "BG101", cwd=shop)
    assert "## How to fix it" not in page
    assert "How to fix it" in page


def test_detect_names_what_is_here(shop: Path) -> None:
    (shop / "site.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    done = gate_here("detect", cwd=shop)
    assert done.returncode == 0
    assert "FastAPI  analysed\n  shop/main.py:3  makes a FastAPI application\n" in done.stdout
    assert "Flask  detected, not analysed yet\n  site.py:2  makes a Flask application\n" in done.stdout
    (shop / "empty").mkdir()
    assert gate_here("detect", "empty", cwd=shop).stdout == "No backend framework shows here.\n"


def test_version_and_help_are_quick_and_load_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from backend_gate.cli.main import main\n"
        "try:\n    main(['--version'])\nexcept SystemExit as end:\n    code = end.code\n"
        "heavy = {'rich', 'msgspec', 'yaml', 'libcst', 'tree_sitter', 'pathspec', 'backend_gate.gate'}\n"
        "print(code, sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == f"backend-gate {__version__}\n0 []\n"


@pytest.mark.parametrize("command", ["check", "routes", "rules", "explain", "detect", "schema"])
def test_every_command_has_help_with_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert f"\n  backend-gate {command}" in text.split("examples:")[1]


def test_a_crash_of_the_gate_is_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(options: object) -> int:
        raise RuntimeError("out of order")

    monkeypatch.setattr(rules, "run", broken)
    assert main(["rules"]) == 2
    assert "RuntimeError: out of order" in capsys.readouterr().err
