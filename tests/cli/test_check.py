"""``backend-gate check``: exit codes, usage, outputs; in a process of its own where that could matter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import BODIES, TYPED, UNTYPED, environment, gate, gate_here, make_backend

from backend_gate.rules.checks import endpoint_without_auth


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A backend with an untyped body."""
    return make_backend(tmp_path / "shop")


# --- exit codes ----------------------------------------------------------------------------------


def test_code_1_if_it_fails_whatever_the_format(shop: Path) -> None:
    for form in ("console", "concise", "json"):
        done = gate_here(*BODIES, "--format", form, cwd=shop)
        assert (done.returncode, done.stderr) == (1, "")
        assert "BG201" in done.stdout


def test_code_0_if_it_passes_whatever_the_format(tmp_path: Path) -> None:
    root = make_backend(tmp_path, TYPED)
    for form in ("console", "concise", "json"):
        done = gate_here(*BODIES, "--format", form, cwd=root)
        assert (done.returncode, done.stderr) == (0, "")
        assert "BG201 " not in done.stdout


def test_code_2_if_a_production_file_cannot_be_read_and_the_rest_is_judged(shop: Path) -> None:
    (shop / "shop" / "broken.py").write_text("def f(:\n")
    for form in ("console", "concise", "json"):
        done = gate_here("check", "--format", form, cwd=shop)
        assert done.returncode == 2
        assert "shop/broken.py" in done.stdout
        assert "BG201" in done.stdout


def test_code_2_if_a_rule_crashes_and_the_rest_is_judged(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(project: object) -> Iterator[object]:
        yield from ()
        raise RuntimeError("out of order")

    monkeypatch.setattr(endpoint_without_auth, "endpoint_without_auth", crash)
    done = gate_here("check", "--verbose", cwd=shop)
    assert done.returncode == 2
    assert done.stdout.startswith("Could not judge everything: 1 rule crashed. Apart from that: ")
    assert "endpoint-without-auth" in done.stdout
    assert "RuntimeError: out of order" in done.stdout
    assert "BG201" in done.stdout


@pytest.mark.parametrize(("source", "code"), [(TYPED, 0), (UNTYPED, 1), ("def f(:\n", 2)])
def test_a_process_says_the_same_and_ends_with_the_code(tmp_path: Path, source: str, code: int) -> None:
    root = make_backend(tmp_path / "shop", source)
    here = gate_here(*BODIES, cwd=root)
    done = gate(*BODIES, cwd=root)
    assert (done.returncode, done.stdout, done.stderr) == (code, here.stdout, here.stderr)
    assert here.returncode == code


def test_code_2_if_there_is_nothing_to_judge(tmp_path: Path) -> None:
    done = gate_here("check", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout.startswith("Could not judge: no backend was found in 1 folder.")
    (tmp_path / "tool.py").write_text("print('hello')\n")
    done = gate_here("check", "--format", "concise", cwd=tmp_path)
    assert (done.returncode, "no backend framework is used here" in done.stdout) == (2, True)
    (tmp_path / "tool.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    done = gate_here("check", cwd=tmp_path)
    assert (done.returncode, "not analysed yet" in done.stdout) == (2, True)


def test_a_part_of_a_project_names_the_whole(shop: Path) -> None:
    (shop / "pyproject.toml").write_text("[project]\nname = 'shop'\n")
    (shop / "shop" / "users").mkdir()
    (shop / "shop" / "users" / "__init__.py").write_text(
        "from fastapi import APIRouter\nrouter = APIRouter()\n"
    )
    done = gate_here("check", "shop/users", cwd=shop)
    assert done.returncode == 2
    assert "`backend-gate check .`" in done.stdout


def test_strict_fails_on_what_is_open(tmp_path: Path) -> None:
    source = (
        TYPED
        + "\n\nfrom importlib import import_module\n\napp.include_router(import_module(input()).router)\n"
    )
    root = make_backend(tmp_path, source)
    assert gate_here(*BODIES, cwd=root).returncode == 0
    done = gate_here(*BODIES, "--strict", cwd=root)
    assert done.returncode == 1
    assert done.stdout.startswith("Fails, as nothing may stay open (strict): ")


# --- wrong usage ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--select", "untyped-request-bodi"], 'Did you mean "untyped-request-body"?'),
        (["check", "--ignore", "BG2O1"], 'Did you mean "BG201"?'),
        (["check", "nowhere"], 'there is no folder "nowhere"'),
        (["check", "shop/main.py"], "Name the folder that holds the backend."),
        (["check", "--report", "gate.json"], "is not FORMAT=FILE"),
        (["check", "--report", "pdf=gate.pdf"], "console, concise, json"),
        (["check", "--output", "nowhere/gate.json"], "its folder does not exist"),
        (["check", "--output", "shop"], "is a folder"),
        (["check", "--jobs", "0"], "0 is less than 1"),
        (["check", "--fail-on", "fatal"], "invalid choice: 'fatal'"),
        (["explain", "endpoint-without-oauth"], 'Did you mean "endpoint-without-auth"?'),
        (["routes", "nowhere"], 'there is no folder "nowhere"'),
        (["detect", "nowhere"], 'there is no folder "nowhere"'),
        (["chekc"], "invalid choice: 'chekc'"),
        ([], "COMMAND"),
    ],
)
def test_wrong_usage_is_code_2_with_one_clear_message(shop: Path, arguments: list[str], message: str) -> None:
    done = gate_here(*arguments, cwd=shop)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_wrong_configuration_is_code_2_with_file_and_line(shop: Path) -> None:
    (shop / "backend-gate.toml").write_text("strict = true\nselekt = ['BG201']\n")
    done = gate_here("check", cwd=shop)
    assert done.returncode == 2
    assert "backend-gate.toml:2" in done.stderr
    assert 'Did you mean "select"?' in done.stderr


def test_a_working_directory_that_is_gone_is_said(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f'cd "{gone}" && rmdir "{gone}" && exec "{sys.executable}" -m backend_gate check'
    done = subprocess.run(
        ["sh", "-c", command], env=environment(), capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "backend-gate: the working directory is gone\nChange into one that exists.\n"


# --- outputs -------------------------------------------------------------------------------------


def test_reports_go_to_files_in_the_same_run(shop: Path) -> None:
    done = gate_here(
        *BODIES, "--format", "concise", "--report", "json=gate.json", "--report", "console=gate.txt", cwd=shop
    )
    assert done.returncode == 1
    assert done.stdout.startswith("shop/main.py:7:17: BG201 untyped-request-body ")
    assert len(done.stdout.splitlines()) == 2
    document = json.loads((shop / "gate.json").read_text("utf-8"))
    assert [finding["id"] for finding in document["findings"]] == ["BG201"]
    assert (shop / "gate.txt").read_text("utf-8").startswith("Fails: 1 error in 1 file.\n")
    assert sorted(path.name for path in shop.iterdir()) == ["gate.json", "gate.txt", "shop"]


def test_output_takes_the_report_and_says_so(shop: Path) -> None:
    done = gate_here(*BODIES, "--output", "gate.txt", cwd=shop)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Fails: 1 error in 1 file. The report is in gate.txt.\n"
    assert gate_here(*BODIES, "--output", "gate.txt", "--quiet", cwd=shop).stderr == ""


def test_a_file_that_cannot_be_written_leaves_the_old_one(shop: Path) -> None:
    target = shop / "locked" / "gate.json"
    target.parent.mkdir()
    target.write_text("old")
    target.chmod(0o444)
    target.parent.chmod(0o555)
    if os.access(target, os.W_OK):
        done = gate_here(*BODIES, "--output", "/dev/full", cwd=shop)
    else:
        done = gate_here(*BODIES, "--output", str(target), cwd=shop)
    target.parent.chmod(0o755)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert target.read_text() == "old"


def test_a_report_that_cannot_be_written_costs_no_other_one(shop: Path) -> None:
    done = gate_here(
        *BODIES, "--format", "concise", "--report", "json=/dev/full", "--report", "sarif=ok.sarif", cwd=shop
    )
    assert done.returncode == 2
    assert done.stdout.startswith("shop/main.py:7:17: BG201 ")
    assert json.loads((shop / "ok.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert done.stderr.startswith("backend-gate: /dev/full: cannot be written: No space left on device\n")


def test_two_reports_for_one_file_are_refused(shop: Path) -> None:
    (shop / "also.txt").symlink_to("gate.txt")
    done = gate_here(*BODIES, "--report", "json=gate.txt", "--output", "also.txt", cwd=shop)
    assert (done.returncode, done.stdout) == (2, "")
    assert "two reports would go to also.txt" in done.stderr
    assert gate_here(*BODIES, "--report", "json=/dev/null", "--output", "/dev/null", cwd=shop).returncode == 1


def test_no_link_of_a_repository_leads_a_report_out_of_it(shop: Path, tmp_path: Path) -> None:
    target = tmp_path / "profile"
    target.write_text("mine")
    (shop / "gate.sarif").symlink_to(target)
    (shop / "reports").symlink_to(tmp_path, target_is_directory=True)
    (shop / "inside.txt").symlink_to("gate.txt")
    assert gate_here(*BODIES, "--output", "gate.sarif", cwd=shop).returncode == 1  # a file of the user
    target.write_text("mine")
    (shop / ".git").mkdir()
    for name in ("gate.sarif", "reports/new.txt", str(shop / "reports" / "profile")):
        done = gate_here(*BODIES, "--report", f"sarif={name}", cwd=shop)
        assert (done.returncode, done.stdout) == (2, "")
        assert "cannot be written: a link leads out of the repository" in done.stderr
    assert (target.read_text(), (tmp_path / "new.txt").exists()) == ("mine", False)
    assert gate_here(*BODIES, "--output", "inside.txt", cwd=shop).returncode == 1
    assert (shop / "inside.txt").is_symlink()
    assert gate_here(*BODIES, "--output", str(tmp_path / "beside.txt"), cwd=shop).returncode == 1


def test_a_full_disk_is_code_2(shop: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = gate(*BODIES, cwd=shop, stdout=full.fileno())
    assert done.returncode == 2
    assert done.stderr.startswith("backend-gate: standard output: cannot be written: ")


def test_a_reader_that_leaves_early_changes_nothing(shop: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = gate(*BODIES, cwd=shop, stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_the_same_bytes_from_everywhere(shop: Path, tmp_path: Path) -> None:
    here = gate("check", "--format", "json", "--jobs", "1", cwd=shop).stdout
    there = gate(
        "check", "shop", "--format", "json", "--jobs", "2", cwd=tmp_path, env=environment(PYTHONHASHSEED="7")
    ).stdout
    assert here == there
    assert str(tmp_path) not in here


def test_people_get_paths_that_open_from_where_they_are(shop: Path, tmp_path: Path) -> None:
    assert gate_here(*BODIES, "shop", "--format", "concise", cwd=tmp_path).stdout.startswith(
        "shop/shop/main.py:7:17: "
    )
    (tmp_path / "other").mkdir()
    beside = gate_here(*BODIES, "../shop", "--format", "concise", cwd=tmp_path / "other").stdout
    assert beside.startswith("../shop/shop/main.py:7:17: ")


def test_several_folders_one_verdict(tmp_path: Path) -> None:
    make_backend(tmp_path / "services" / "one")
    make_backend(tmp_path / "services" / "two")
    make_backend(tmp_path / "services" / "left-out")
    done = gate_here(
        *BODIES, "services/one", "services/two", "services/one/shop", "--format", "json", cwd=tmp_path
    )
    document = json.loads(done.stdout)
    assert [backend["path"] for backend in document["backends"]] == ["one", "two"]
    assert [finding["file"] for finding in document["findings"]] == ["one/shop/main.py", "two/shop/main.py"]
    assert [item["file"] for item in document["frameworks"][0]["evidence"]] == [
        "one/shop/main.py",
        "two/shop/main.py",
    ]
    assert done.returncode == 1


def test_a_terminal_without_unicode_gets_plain_characters(shop: Path) -> None:
    done = gate(*BODIES, cwd=shop, env=environment(PYTHONUTF8="0", PYTHONIOENCODING="ascii"))
    assert done.returncode == 1
    assert done.stdout.isascii()
    assert "> 7 | def create_user(data: dict):" in done.stdout
