"""bandit and radon, as they are, on files of a project."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from backend_gate.evidence.process import Job
from backend_gate.evidence.tools import LEFT_TO_OTHERS, ToolReply, ToolRequest
from backend_gate.gate import Overrides, check
from backend_gate.rules.spec import load_rules

SHELL = 'import subprocess\n\nGRÜSSE = "é"; subprocess.call("ls *", shell=True)\n'
NEW = "type Pair[T] = tuple[T, T]\n"


def ask(tool: str, root: Path, **files: str) -> ToolReply:
    for name, text in files.items():
        (root / f"{name}.py").write_text(text, "utf-8")
    request = ToolRequest(str(root), tuple(f"{name}.py" for name in files))
    with Job(tool, msgspec.json.encode(request), f"running {tool}") as job:
        return msgspec.json.decode(job.result(), type=ToolReply)


def test_bandit_keeps_its_ids_and_columns_count_characters(tmp_path: Path) -> None:
    (issue,) = ask("bandit", tmp_path, shell=SHELL).issues

    assert (issue.test, issue.path, issue.line, issue.severity) == ("B602", "shell.py", 3, "low")
    assert SHELL.splitlines()[2][issue.column - 1 :].startswith("subprocess.call")


def test_bandit_respects_its_own_comments(tmp_path: Path) -> None:
    assert ask("bandit", tmp_path, shell=SHELL.replace("True)", "True)  # nosec B602")).issues == ()


@pytest.mark.parametrize("tool", ["bandit", "radon"])
def test_what_a_tool_cannot_read_is_listed(tool: str, tmp_path: Path) -> None:
    found = ask(tool, tmp_path, new="def f(:\n", old="A = 1\n")

    assert [(item.path, item.tool) for item in found.skipped] == [("new.py", tool)]


def test_radon_counts_functions_methods_and_closures_once(tmp_path: Path) -> None:
    found = ask(
        "radon",
        tmp_path,
        a="def f(x):\n    def g(y):\n        return 1 if y else 2\n    return g(x) if x else 0\n\n\n"
        "class A:\n    def m(self):\n        return 1\n",
    )

    assert [(item.name, item.lines[0]) for item in found.functions] == [("A.m", 8), ("f", 1), ("g", 2)]
    assert [item.path for item in found.files] == ["a.py"]


def test_every_test_that_is_off_has_its_reason_in_the_docs() -> None:
    why = load_rules()["bandit-finding"].why

    for test, reason in LEFT_TO_OTHERS.items():
        assert f"- {test}: {reason}\n" in why


def test_tools_run_when_they_are_wanted_and_never_else(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n" + SHELL, "utf-8")

    plain = check([tmp_path], jobs=1)[1]
    wanted = check([tmp_path], Overrides(with_tools=True), jobs=1)[1]

    assert "bandit-finding" not in plain.rules
    assert plain.hot_spots == ()
    assert [finding.rule for finding in wanted.findings if finding.rule == "bandit-finding"] == [
        "bandit-finding"
    ]
