"""Comments that suppress findings, judged as a user would write them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from running import gate_here
from trees import plant

from backend_gate.gate import Overrides, check
from backend_gate.settle.verdict import Outcome, Verdict

HEAD = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
OPEN = '@app.post("/a")\ndef f(data: dict) -> None:\n    print(data)\n'


def judged(root: Path, source: str, *select: str) -> Verdict:
    """The verdict on a backend of one module."""
    plant(root, {"main.py": HEAD + source})
    _, verdict = check([root], Overrides(select=select), jobs=1)
    return verdict


def rules(verdict: Verdict) -> list[str]:
    """The rules that found something that counts."""
    return sorted(finding.rule for finding in verdict.findings)


BOTH = ["endpoint-without-auth", "untyped-request-body"]


@pytest.mark.parametrize(
    ("source", "left"),
    [
        (OPEN, BOTH),
        ("# gate: ignore[endpoint-without-auth] why\n" + OPEN, ["untyped-request-body"]),
        ("# gate: ignore[endpoint-without-auth, untyped-request-body] why\n" + OPEN, []),
        ("# gate: ignore[BG101,bg201] why\n" + OPEN, []),
        ("# gate: ignore[BG101] why\n# gate: ignore[BG201] why\n" + OPEN, []),
        (OPEN.replace('a")', 'a")  # gate: ignore[BG101] why'), ["untyped-request-body"]),
        (OPEN.replace("None:", "None:  # gate: ignore[BG201] why"), ["endpoint-without-auth"]),
        (
            OPEN.replace('a")', 'a")  # gate: ignore[BG201] why'),  # another line than the parameter's
            ["endpoint-without-auth", "suppression-stale", "untyped-request-body"],
        ),
    ],
)
def test_where_it_stands_decides(tmp_path: Path, source: str, left: list[str]) -> None:
    verdict = judged(tmp_path, source)
    assert rules(verdict) == left
    assert len(verdict.suppressed) == sum(rule not in left for rule in BOTH)


def test_one_comment_touches_one_parameter(tmp_path: Path) -> None:
    source = (
        '@app.post("/a")\ndef f(\n    a: dict,  # gate: ignore[BG201] why\n    b: dict,\n) -> None:\n'
        "    print(a, b)\n"
    )
    verdict = judged(tmp_path, source, "BG201", "BG003")
    assert [finding.place.span.line for finding in verdict.findings] == [9]
    assert [item.finding.place.span.line for item in verdict.suppressed] == [8]


def test_suppressed_findings_do_not_fail_and_are_kept_with_the_reason(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "# gate: ignore[BG101, BG201]: until May, see #12  # noqa: E501\n" + OPEN)
    assert verdict.outcome is Outcome.PASSES
    assert {item.reason for item in verdict.suppressed} == {"until May, see #12"}
    assert {item.comment.span.line for item in verdict.suppressed} == {6}
    assert verdict.held_back == 2


def test_a_suppression_without_reason_is_a_finding_that_nothing_suppresses(tmp_path: Path) -> None:
    source = "# gate: ignore[BG101, BG201, suppression-without-reason]\n" + OPEN
    verdict = judged(tmp_path, source)
    assert rules(verdict) == ["suppression-without-reason"]
    (problem,) = verdict.problems
    assert "cannot be suppressed" in problem.message
    assert verdict.exit_code == 2


@pytest.mark.parametrize(
    ("comment", "message", "advice"),
    [
        ("ignore[endpoint-without-oauth] why", "no rule `endpoint-without-oauth`", "`endpoint-without-auth`"),
        ("ignore[BG1O1] why", "no rule `BG1O1`", "`BG101`"),
        ("ignore[authentication] why", "no rule `authentication`", "is a group"),
        ("ignore[xyzzy] why", "no rule `xyzzy`", "`backend-gate rules` lists them"),
        ("ignore[] why", "names no rule", "slug of the rule"),
        ("ignore", "is no suppression", "# gate: ignore[slug] reason"),
        ("ignore endpoint-without-auth", "is no suppression", "# gate: ignore[slug] reason"),
        ("ignroe[BG101] why", "is no suppression", "# gate: ignore[slug] reason"),
        ("noqa[BG101] why", "is no suppression", "# gate: ignore[slug] reason"),
    ],
)
def test_what_cannot_be_understood_is_said_and_costs_code_2(
    tmp_path: Path, comment: str, message: str, advice: str
) -> None:
    verdict = judged(tmp_path, f"# gate: {comment}\n" + OPEN)
    assert set(BOTH) <= set(rules(verdict))
    (problem,) = verdict.problems
    assert problem.kind == "wrong-suppression"
    assert message in problem.message
    assert advice in problem.advice
    assert problem.place is not None
    assert (problem.place.file, problem.place.span.line) == ("main.py", 6)
    assert verdict.exit_code == 2


def test_all_that_cannot_be_understood_are_counted_in_their_order(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {"main.py": HEAD + "# gate: ignore[nothing] why\n# gate: ignore\n# gate: ignore[] why\n" + OPEN},
    )
    done = gate_here("check", "--format", "concise", cwd=tmp_path)
    lines = [line.partition(": ")[0] for line in done.stdout.splitlines() if " not-judged " in line]
    assert lines == ["main.py:6:1", "main.py:7:1", "main.py:8:1"]
    assert "3 suppressions cannot be understood" in done.stdout


def test_what_is_known_of_a_wrong_suppression_still_holds(tmp_path: Path) -> None:
    verdict = judged(tmp_path, "# gate: ignore[BG101, nonsense, BG201] why\n" + OPEN)
    assert rules(verdict) == []
    assert verdict.exit_code == 2


@pytest.mark.parametrize("comment", ["open at nine", "the ignored one", "allow all", "skip it"])
def test_words_about_gates_are_left_alone(tmp_path: Path, comment: str) -> None:
    verdict = judged(tmp_path, f"# gate: {comment}\n" + OPEN)
    assert verdict.problems == ()


def test_stale_is_only_what_a_rule_that_ran_does_not_find(tmp_path: Path) -> None:
    source = "# gate: ignore[BG101, BG301] why\n" + OPEN
    assert rules(judged(tmp_path, source, "BG003", "BG201")) == ["suppression-stale", "untyped-request-body"]
    assert rules(judged(tmp_path, source, "BG101", "BG201")) == ["untyped-request-body"]
    (finding,) = judged(tmp_path, source, "BG003").findings
    assert "`sql-built-from-values`" in finding.message
    assert "endpoint-without-auth" not in finding.message
    plant(tmp_path, {"broken.py": "def f(:\n"})
    assert rules(judged(tmp_path, source, "BG003")) == []  # what the file holds might be what it is for


def test_each_backend_of_a_tree_has_its_own_and_a_shared_file_serves_both(tmp_path: Path) -> None:
    app = (
        "from fastapi import FastAPI\nfrom common.routes import router\n\n"
        "app = FastAPI()\napp.include_router(router)\n"
    )
    own = '\n\n@app.post("/own")  # gate: ignore[BG101] the {0} network only\ndef own(x: int) -> None:\n    print(x)\n'
    plant(
        tmp_path,
        {
            "common/pyproject.toml": "[project]\nname = 'common'\n",
            "common/common/__init__.py": "",
            "common/common/routes.py": "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n"
            '@router.post("/shared")  # gate: ignore[BG101] both know\ndef shared(x: int) -> None:\n    print(x)\n',
            **{
                f"{name}/{file}": text
                for name in ("billing", "orders")
                for file, text in {
                    "pyproject.toml": f"[project]\nname = '{name}'\n",
                    "app/__init__.py": "",
                    "app/main.py": app + own.format(name),
                }.items()
            },
        },
    )
    _, verdict = check([tmp_path], Overrides(select=("BG101", "BG002", "BG003")), jobs=1)
    assert rules(verdict) == []
    assert sorted((item.finding.place.file, item.reason) for item in verdict.suppressed) == [
        ("billing/app/main.py", "the billing network only"),
        ("common/common/routes.py", "both know"),
        ("orders/app/main.py", "the orders network only"),
    ]
    _, moved = check([tmp_path / "billing", tmp_path / "orders"], Overrides(select=("BG101",)), jobs=1)
    assert {item.comment.file for item in moved.suppressed} >= {"billing/app/main.py", "orders/app/main.py"}
    assert {item.place.file for item in moved.suppressions} == {"billing/app/main.py", "orders/app/main.py"}


def test_the_command_lists_them(tmp_path: Path) -> None:
    source = "# gate: ignore[BG101, BG301] until May\n" + OPEN.replace(
        "None:", "None:  # gate: ignore[BG201]"
    )
    plant(tmp_path, {"main.py": HEAD + source})
    done = gate_here("suppressions", "--format", "json", cwd=tmp_path)
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert document == {
        "schema": 1,
        "suppressions": [
            {
                "file": "main.py",
                "line": 6,
                "rules": ["endpoint-without-auth", "sql-built-from-values"],
                "reason": "until May",
                "used": ["endpoint-without-auth"],
                "stale": ["sql-built-from-values"],
            },
            {
                "file": "main.py",
                "line": 8,
                "rules": ["untyped-request-body"],
                "reason": "",
                "used": ["untyped-request-body"],
                "stale": [],
            },
        ],
    }
    table = gate_here("suppressions", cwd=tmp_path)
    assert table.returncode == 0
    assert "main.py:6" in table.stdout
    assert "until May" in table.stdout
    assert "2 suppressions" in table.stdout
    (tmp_path / "main.py").write_text(HEAD + OPEN)
    assert gate_here("suppressions", cwd=tmp_path).stdout == "No suppressions.\n"
