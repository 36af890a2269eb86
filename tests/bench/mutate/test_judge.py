from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import libcst as cst

from bench import child, gate
from bench.mutate import judge, plant
from bench.mutate.model import Mutant, Operator
from bench.mutate.source import Sources

RAN = child.Outcome(exit_code=0, seconds=1.0, peak_bytes=1, peak_is_sum=True, stdout="", stderr="")
BEFORE = '@r.get("/a", dependencies=[D])\ndef a(): ...\n\n\ndef b(data: M): ...\n'
AFTER = '@r.get("/a")\n\ndef a(): ...\n\n\ndef b(data: dict): ...\n'


def _finding(rule: str, line: int, subject: str = "", file: str = "m.py", message: str = "") -> gate.Finding:
    return gate.Finding(rule, file, line, "error", message, subject, "", {"message": message})


def _endpoint(line: int, path: str = "/a", deps: Sequence[str] = ("x.user",)) -> dict[str, Any]:
    return {
        "methods": ["GET"],
        "path": path,
        "handler": "m.a",
        "file": "m.py",
        "line": line,
        "app": "m.app",
        "dependencies": list(deps),
        "auth": {"verdict": "protected", "guards": ["x.user"], "reason": "a guard"},
        "bodies": [],
    }


def _state(
    root: Path, text: str, findings: Sequence[gate.Finding], endpoints: Sequence[dict[str, Any]]
) -> judge.State:
    (root / "m.py").write_text(text, "utf-8")
    edited = frozenset({"m.py"}) if text == AFTER else frozenset()
    return judge.State(
        gate.Report(tuple(findings), {}, RAN),
        gate.Inventory(tuple(endpoints), (), {}, RAN),
        Sources(root),
        edited,
    )


def _mutant(operator: Operator, scope: str, names: frozenset[str] = frozenset()) -> Mutant:
    return Mutant(operator, "m.py", 1, scope, "what", cst.Name("x"), cst.Name("y"), names)


GUARD = _mutant(Operator.ROUTE_GUARD, "a", frozenset({"user"}))
BODY = _mutant(Operator.OPEN_BODY, "b")


def test_new_findings_are_credited_and_the_rest_is_unrelated(tmp_path: Path) -> None:
    old = _finding("endpoint-errors-unhandled", 5)
    before = _state(tmp_path, BEFORE, [old], [_endpoint(2)])
    findings = [
        _finding("endpoint-without-auth", 1, "GET /a; GET /a/"),
        _finding("untyped-request-body", 6),
        _finding("endpoint-errors-unhandled", 6),  # the old one, a line further down
        _finding("endpoint-without-auth", 6, "GET /elsewhere"),
    ]
    after = _state(tmp_path, AFTER, findings, [_endpoint(3, deps=())])
    batch = judge.judge([GUARD, BODY], before, after, {})
    assert [o.status for o in batch.outcomes] == [judge.Status.FOUND, judge.Status.FOUND]
    assert [f.subject for f in batch.unrelated] == ["GET /elsewhere"]
    assert batch.vanished == ()
    assert judge.recall(batch.outcomes)[Operator.ROUTE_GUARD] == (1, 1, 0)


def test_a_silent_gate_misses(tmp_path: Path) -> None:
    before = _state(tmp_path, BEFORE, [], [_endpoint(2)])
    after = _state(tmp_path, AFTER, [_finding("other", 3)], [_endpoint(3, deps=())])
    batch = judge.judge([GUARD, BODY], before, after, {})
    assert [o.status for o in batch.outcomes] == [judge.Status.MISSED, judge.Status.MISSED]
    assert [f.rule for f in batch.unrelated] == ["other"]


def test_an_endpoint_that_was_lost_is_a_miss(tmp_path: Path) -> None:
    before = _state(tmp_path, BEFORE, [], [_endpoint(2)])
    after = _state(tmp_path, AFTER, [], [])
    (outcome,) = judge.judge([GUARD], before, after, {}).outcomes
    assert outcome.status is judge.Status.MISSED


def test_another_way_to_the_guard_makes_it_no_fault(tmp_path: Path) -> None:
    before = _state(tmp_path, BEFORE, [], [_endpoint(2)])
    after = _state(tmp_path, AFTER, [], [_endpoint(3)])
    (outcome,) = judge.judge([GUARD], before, after, {}).outcomes
    assert outcome.status is judge.Status.NO_FAULT
    assert judge.recall([outcome])[Operator.ROUTE_GUARD] == (0, 0, 1)


def test_a_router_is_credited_for_endpoints_that_lost_its_guard(tmp_path: Path) -> None:
    router = _mutant(Operator.ROUTER_GUARD, "", frozenset({"user"}))
    before = _state(tmp_path, BEFORE, [], [_endpoint(2), _endpoint(5, "/b"), _endpoint(5, "/health")])
    now = [_endpoint(3, deps=()), _endpoint(6, "/b"), _endpoint(6, "/health", deps=())]
    found = _state(tmp_path, AFTER, [_finding("endpoint-without-auth", 3, "GET /a")], now)
    assert judge.judge([router], before, found, {}).outcomes[0].status is judge.Status.FOUND
    wrong = _state(tmp_path, AFTER, [_finding("endpoint-without-auth", 6, "GET /b")], now)
    batch = judge.judge([router], before, wrong, {})
    assert batch.outcomes[0].status is judge.Status.MISSED
    assert len(batch.unrelated) == 1


def test_a_handler_is_credited_by_the_exception(tmp_path: Path) -> None:
    handler = _mutant(Operator.HANDLER, "", frozenset({"AppError", "Missing"}))
    before = _state(tmp_path, BEFORE, [], [_endpoint(2)])
    named = _finding("endpoint-errors-unhandled", 3, message="Missing leaves the endpoint")
    other = _finding("endpoint-errors-unhandled", 3, message="Broken leaves the endpoint")
    after = _state(tmp_path, AFTER, [named, other], [_endpoint(3)])
    batch = judge.judge([handler], before, after, {})
    assert batch.outcomes[0].status is judge.Status.FOUND
    assert batch.unrelated == (other,)


def test_findings_that_vanish_elsewhere_are_told(tmp_path: Path) -> None:
    before = _state(tmp_path, BEFORE, [_finding("x", 5), _finding("y", 2)], [_endpoint(2)])
    after = _state(tmp_path, AFTER, [], [_endpoint(3, deps=())])
    assert [f.rule for f in judge.judge([GUARD], before, after, {}).vanished] == ["x"]


def test_batches_keep_mutants_apart_that_would_hide_each_other() -> None:
    wide = _mutant(Operator.ROUTER_GUARD, "", frozenset({"user"}))
    other = _mutant(Operator.INCLUDE_GUARD, "", frozenset({"admin"}))
    inner = _mutant(Operator.SQL, "a.inner")
    assert plant.batches([GUARD, BODY, wide, other, inner]) == [[GUARD, BODY, other], [wide, inner]]


def test_a_planted_text_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_bytes(b"a = 1\r\n")
    with plant.planted(tmp_path, {"m.py": "a = 2\n"}):
        assert (tmp_path / "m.py").read_text("utf-8") == "a = 2\n"
    assert (tmp_path / "m.py").read_bytes() == b"a = 1\r\n"


def test_a_copy_follows_no_link_and_takes_no_weight(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "a").mkdir(parents=True)
    (root / "a" / "m.py").write_text("x = 1\n", "utf-8")
    (root / "data.bin").write_bytes(b"\0" * (3 << 20))
    (root / "link.py").symlink_to(tmp_path / "outside.py")
    plant.copy(root, tmp_path / "copy")
    assert sorted(p.name for p in (tmp_path / "copy").rglob("*")) == ["a", "m.py"]


def test_a_finding_that_tells_many_counts_as_each_of_them(tmp_path: Path) -> None:
    part = {
        "rule": "endpoint-without-auth",
        "file": "m.py",
        "line": 1,
        "severity": "error",
        "message": "open",
        "subject": "GET /a",
        "symbol": "m.a",
    }
    other = {**part, "line": 6, "subject": "GET /b", "symbol": "m.b"}
    whole = {**part, "line": 40, "subject": "m.app", "symbol": "m.app", "parts": [part, other]}
    told = [gate.finding_of(raw) for raw in gate.each_fault({"findings": [whole, {**part, "line": 9}]})]
    assert [finding.line for finding in told] == [1, 6, 9]
    before = _state(tmp_path, BEFORE, [gate.finding_of({**other, "line": 5})], [_endpoint(2)])
    after = _state(tmp_path, AFTER, told[:2], [_endpoint(3, deps=())])
    batch = judge.judge([GUARD], before, after, {})
    assert [outcome.status for outcome in batch.outcomes] == [judge.Status.FOUND]
    assert (batch.unrelated, batch.vanished) == ((), ())
