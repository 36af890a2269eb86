"""Input that cannot be read or judged: named with its place, exit code 2, and everything else still judged."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running import TYPED, UNTYPED, environment, gate_here, interruptible, make_backend

from backend_gate.cli.main import main
from backend_gate.facts import pool

RULES = "untyped-request-body,source-not-analysable"


def _check(root: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report on a folder, in this process."""
    out = root.parent / "report.json"
    code = main(["check", str(root), "--select", RULES, "--format", "json", "--output", str(out), *arguments])
    document: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return code, document


def _nested(number: int, before: str, after: str) -> bytes:
    return f"x = {before * number}1{after * number}\n".encode()


UNREADABLE: dict[str, tuple[bytes, int, str]] = {
    "a bracket that is never closed": (b"def f(:\n", 2, "syntax error"),
    "a merge that was not finished": (b"x = 1\n<<<<<<< HEAD\n", 2, "syntax error"),
    "Python 2": (b"def f(x):\n    print x\n", 2, "syntax error"),
    "Latin-1": ("x = 1\ny = 'grün'\n".encode("latin-1"), 2, "byte 0xfc is not valid utf-8"),
    "UTF-16": ("x = 1\n".encode("utf-16"), 1, "the file is UTF-16; save it as UTF-8"),
    "an unknown encoding": (b"# coding: klingon\n", 1, "unknown encoding 'klingon'"),
    "an encoding that is none of text": (
        b"# coding: zip\n",
        1,
        "the encoding 'zip' is not one for source text",
    ),
    "two byte order marks": (b"\xef\xbb\xbf\xef\xbb\xbfx = 1\n", 1, "a second byte order mark"),
    "a NUL byte": (b"x = 1\ny = '\0'\n", 2, "the file holds a NUL byte"),
    "50 MB": (b"x = 1\n" * (50 * 1024 * 1024 // 6), 1, "more than 8,388,608 bytes"),
    "a table of a million numbers": (b"x = [" + b"1," * 1_000_000 + b"]\n", 1, "this is data, not code"),
    "20,000 parentheses": (_nested(20_000, "(", ")"), 1, "more than 200 brackets"),
    "20,000 calls in a row": (b"x = a" + b".b()" * 20_000 + b"\n", 1, "more than 1000 operators"),
    "20,000 not": (_nested(20_000, "not ", ""), 1, "more than 1000 operators"),
    "a sum of 20,000 terms": (_nested(20_000, "1 + ", ""), 1, "more than 1000 operators"),
    "20,000 elif": (b"if a: pass\n" + b"elif b: pass\n" * 20_000, 1000, "more than 1000 operators"),
    "300 formatted strings inside each other": (_nested(300, "f'{", "}'"), 1, "more than 200 brackets"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_production_file_that_cannot_be_read_is_named_and_the_rest_is_judged(
    name: str, tmp_path: Path
) -> None:
    content, line, message = UNREADABLE[name]
    root = make_backend(tmp_path / "shop")
    (root / "shop" / "broken.py").write_bytes(content)
    code, report = _check(root)
    assert (code, report["outcome"]) == (2, "not-judged")
    found = {finding["rule"]: finding for finding in report["findings"]}
    assert found.keys() == {"source-not-analysable", "untyped-request-body"}
    broken = found["source-not-analysable"]
    assert (broken["file"], broken["severity"]) == ("shop/broken.py", "error")
    assert message in broken["message"]
    assert broken["line"] == line
    (problem,) = report["problems"]
    assert (problem["kind"], problem["file"]) == ("unreadable-file", "shop/broken.py")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("tests/test_orders.py", "it is part of the tests"),
        ("tests/fixtures/broken.py", "it is part of the tests"),
        ("{{cookiecutter.name}}/main.py", "it is a template"),
        ("examples/broken.py", "it is part of the examples"),
        ("scripts/broken.py", "it is a script"),
    ],
)
def test_a_file_beside_production_that_cannot_be_read_is_a_note(file: str, said: str, tmp_path: Path) -> None:
    root = make_backend(tmp_path / "shop", TYPED)
    (root / "pyproject.toml").write_text("[project]\nname = 'shop'\n")
    (root / file).parent.mkdir(parents=True)
    (root / file).write_text("def test_nothing(:\n    pass\n")
    code, report = _check(root)
    assert (code, report["problems"]) == (0, [])
    (note,) = report["findings"]
    assert (note["file"], note["severity"]) == (file, "info")
    assert said in note["message"]


def test_sound_files_beside_production_are_no_note(tmp_path: Path) -> None:
    root = make_backend(tmp_path / "shop", TYPED)
    (root / "tests").mkdir()
    (root / "tests" / "test_new.py").write_text(
        "type Pair[T = int] = tuple[T, T]\n\n\ndef test_it():\n    try: ...\n    except ValueError, TypeError: ...\n"
    )
    (root / "tests" / "test_mac.py").write_bytes(b"def test_it():\r    assert 1\r")
    assert _check(root) == (0, _check(root)[1])
    assert _check(root)[1]["findings"] == []


def test_a_reader_that_crashes_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from backend_gate.facts import reader

    sound = reader.read_source

    def crash(path: str, data: bytes, **options: Any) -> Any:
        if path.endswith("odd.py"):
            raise RuntimeError("out of order")
        return sound(path, data, **options)

    monkeypatch.setattr(reader, "read_source", crash)
    assert pool.MIN_FILES > 3  # few files are read in this process
    root = make_backend(tmp_path / "shop")
    (root / "shop" / "odd.py").write_text("x = 1\n")
    code, report = _check(root)
    assert code == 2
    assert {finding["file"] for finding in report["findings"]} == {"shop/odd.py", "shop/main.py"}
    assert "the reader crashed on this file" in report["problems"][0]["message"]


# --- links, permissions, folders -----------------------------------------------------------------


def test_links_that_loop_or_lead_out_lose_nothing(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("def broken_outside(:\n")
    root = make_backend(tmp_path / "shop")
    (root / "shop" / "loop").symlink_to("..", target_is_directory=True)
    (root / "shop" / "self.py").symlink_to("self.py")
    (root / "shop" / "out").symlink_to(outside, target_is_directory=True)
    (root / "shop" / "secret.py").symlink_to(outside / "secret.py")
    (root / "shop" / "gone.py").symlink_to("nowhere.py")
    os.mkfifo(root / "shop" / "pipe.py")
    code, report = _check(root)
    assert code in (1, 2)
    assert [item["rule"] for item in report["findings"] if item["file"] == "shop/main.py"] == [
        "untyped-request-body"
    ]
    assert "broken_outside" not in json.dumps(report)
    assert not any(item["file"].startswith("shop/out") for item in report["findings"])


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_may_not_be_opened_is_a_finding_and_a_problem(kind: str, tmp_path: Path) -> None:
    root = make_backend(tmp_path / "shop")
    locked = root / "shop" / "locked"
    locked.mkdir()
    (locked / "__init__.py").touch()
    closed = locked if kind == "folder" else locked / "orders.py"
    if kind == "file":
        closed.write_text("x = 1\n")
    closed.chmod(0)
    command = [sys.executable, "-m", "backend_gate", "check", str(root), "--format", "json"]
    if os.geteuid() == 0:  # root may open everything, unless it gives that up
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root may open everything, and there is no setpriv to give that up")
        without = "-dac_override,-dac_read_search"
        command = [setpriv, f"--bounding-set={without}", f"--inh-caps={without}", *command]
    try:
        done = subprocess.run(
            command, env=environment(), cwd=root, capture_output=True, text=True, timeout=120, check=False
        )
    finally:
        closed.chmod(0o755)
    assert done.returncode == 2, done.stderr
    report = json.loads(done.stdout)
    path = closed.relative_to(root).as_posix()
    broken = [item for item in report["findings"] if item["rule"] == "source-not-analysable"]
    assert [(item["file"], item["severity"]) for item in broken] == [(path, "error")]
    assert "Permission denied" in broken[0]["message"]
    assert [problem["file"] for problem in report["problems"]] == [path]
    assert any(item["rule"] == "untyped-request-body" for item in report["findings"])


def test_a_name_that_is_not_utf8_is_a_finding(tmp_path: Path) -> None:
    root = make_backend(tmp_path / "shop")
    try:
        (root / "shop" / os.fsdecode(b"\xff.py")).write_text("x = 1\n")
    except OSError:
        pytest.skip("this file system takes no such name")
    code, report = _check(root)
    assert code == 2
    assert "`shop/\\xff.py` has a name that is not UTF-8, so nothing in it could be judged" in {
        finding["message"] for finding in report["findings"]
    }


# --- configuration and vocabulary ----------------------------------------------------------------

BOMB = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}]\n"
    for before, name in zip("abcdefghijklmno", "bcdefghijklmnop", strict=True)
)


@pytest.mark.parametrize(
    ("settings", "vocabulary", "place", "message"),
    [
        ("strict = yes\n", None, r"backend-gate\.toml:1", "is not valid TOML"),
        ("\nselekt = []\n", None, r"backend-gate\.toml:2", 'Did you mean "select"?'),
        ("fail-on = 3\n", None, r"backend-gate\.toml:1", 'Possible are "error", "warning", "info".'),
        ("min-resolved = 95\n", None, r"backend-gate\.toml:1", "Write a share between 0 and 1"),
        ("guards = 'a.b'\n", None, r"backend-gate\.toml:1", 'Write guards = ["a.b"].'),
        ('vocabulary = ["own.yaml"]\n', BOMB, r"own\.yaml:1", "anchors"),
        ('vocabulary = ["own.yaml"]\n', "a: [" + "[" * 5000 + "]" * 5001, r"own\.yaml:1", "nest"),
        ('vocabulary = ["own.yaml"]\n', "a: !!python/object:os.system x\n", r"own\.yaml:1", "tags"),
        ('vocabulary = ["own.yaml"]\n', "a: 'b\n", r"own\.yaml:", "not YAML"),
        ('vocabulary = ["own.yaml"]\n', "x: 1\n" * 2, r"own\.yaml:2", "stands here twice"),
        ('vocabulary = ["own.yaml"]\n', "a" * 30_000_000, r"own\.yaml", "longer than 262144 characters"),
        ('vocabulary = ["own.yaml"]\n', "surprise: 1\n", r"own\.yaml:1", "no key surprise"),
        (
            'vocabulary = ["own.yaml"]\n',
            "library: own\nimports: 3\n",
            r"own\.yaml:2",
            "imports has to be a list",
        ),
        (
            'vocabulary = ["own.yaml"]\n',
            "parsers:\n  - 'a'\n  - '('\n",
            r"own\.yaml:3",
            "no regular expression",
        ),
        ('vocabulary = ["own.yaml"]\n', "calls:\n  a.b: fly\n", r"own\.yaml", "no effect called fly"),
        (
            'vocabulary = ["own.yaml"]\n',
            "sinks:\n  - {argument: 0}\n",
            r"own\.yaml:2",
            "a sink has either `call` or `method`",
        ),
        ('vocabulary = ["own.yaml"]\n', "a: \xff\n", r"own\.yaml:1", "is not UTF-8"),
    ],
)
def test_a_wrong_configuration_is_one_clear_message(
    settings: str,
    vocabulary: str | None,
    place: str,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = make_backend(tmp_path / "shop")
    (root / "backend-gate.toml").write_text(settings)
    if vocabulary is not None:
        (root / "own.yaml").write_text(vocabulary, encoding="latin-1")
    started = time.monotonic()
    assert main(["check", str(root)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.search(place, said.err)
    assert message in said.err
    assert "Traceback" not in said.err
    assert len(said.err) < 1000
    assert time.monotonic() - started < 30


# --- signals and outputs -------------------------------------------------------------------------


def _big(root: Path) -> Path:
    """A backend whose files take a while to read, in several processes."""
    make_backend(root, UNTYPED)
    for number in range(60):
        (root / "shop" / f"part_{number}.py").write_text(
            "from fastapi import APIRouter\n" + f"x = [{'1, ' * 3000}]\n" * 20
        )
    return root


def test_an_interrupted_run_says_so_and_leaves_nobody_behind(tmp_path: Path) -> None:
    root = _big(tmp_path / "shop")
    process = subprocess.Popen(
        [sys.executable, "-m", "backend_gate", "check", "--output", "gate.json", "--format", "json"],
        cwd=root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=interruptible,  # noqa: PLW1509  there are no threads here
    )
    _wait_for(lambda: len(_members(process.pid)) > 1, process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes of the group
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said.strip() == "backend-gate: interrupted. Nothing was judged."
    _wait_for(lambda: not _members(process.pid), process)
    assert sorted(path.name for path in root.iterdir()) == ["shop"]


def _members(group: int) -> list[int]:
    """The live processes of a group."""
    done = subprocess.run(["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    return [int(pid) for pid, of, state, *_ in rows if int(of) == group and not state.startswith("Z")]


def _wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    for _ in range(300):
        if condition():
            return
        time.sleep(0.1)
    process.kill()
    pytest.fail("it did not happen within half a minute")


@pytest.mark.parametrize("form", ["sarif", "github", "gitlab", "junit", "markdown", "json"])
def test_a_closed_pipe_and_a_full_disk_whatever_the_format(form: str, tmp_path: Path) -> None:
    root = make_backend(tmp_path / "shop")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as closed:
        done = gate_here("check", "--select", RULES, "--format", form, cwd=root, stdout=closed)
    assert (done.returncode, done.stderr) == (1, "")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = gate_here("check", "--select", RULES, "--format", form, cwd=root, stdout=full)
    assert done.returncode == 2
    assert done.stderr.startswith("backend-gate: standard output: cannot be written: ")


def test_a_report_that_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    root = make_backend(tmp_path / "shop")
    for target in ("nowhere/gate.sarif", "shop"):
        done = gate_here("check", "--report", f"sarif={target}", cwd=root)
        assert (done.returncode, done.stdout) == (2, "")
        assert target in done.stderr
        assert "Traceback" not in done.stderr


def test_data_of_tests_under_a_name_that_no_file_can_have(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n", "utf-8")
    (tmp_path / "backend-gate.toml").write_text(f'[suites.unit]\ndata = "{"x" * 5000}"\n', "utf-8")

    assert main(["check", str(tmp_path)]) in (0, 1, 2)

    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err


def test_a_source_with_a_wrong_encoding_beside_coverage_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "main.py").write_bytes(b"\xff\xfffrom fastapi import FastAPI\napp = FastAPI()\n")
    (tmp_path / "unit.lcov").write_text("TN:\nSF:main.py\nDA:1,1\nend_of_record\n", "utf-8")
    (tmp_path / "backend-gate.toml").write_text('[suites.unit]\ndata = "unit.lcov"\n', "utf-8")

    assert main(["check", str(tmp_path)]) == 2

    said = capsys.readouterr()
    assert "not valid utf-8" in said.out
    assert "crashed" not in said.out + said.err


def test_thousands_of_statements_that_change_one_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "app").mkdir()
    route = "@app.get('/health')\ndef health():\n    return 1\n"
    (tmp_path / "app/main.py").write_text(
        f"from fastapi import FastAPI\n\napp = FastAPI()\n\n{route}", "utf-8"
    )
    (tmp_path / "app/__init__.py").write_text("while True: app.get('/')(f)\n" * 3000, "utf-8")

    assert main(["check", str(tmp_path)]) in (0, 1)

    assert "crashed" not in capsys.readouterr().out
