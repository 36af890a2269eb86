from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bench import corpus, gate, judgements, peers, tables

REPORTS: dict[str, Any] = {
    "bandit": {
        "errors": [{"filename": "./app/new.py", "reason": "syntax error"}],
        "results": [
            {"filename": "./app/db.py", "line_number": 4, "test_id": "B608", "issue_text": "a\n  message"}
        ],
    },
    "ruff": [
        {"filename": "app/db.py", "location": {"row": 4}, "code": "S608", "message": "a message"},
        {"filename": "app/new.py", "location": {"row": 1}, "code": "invalid-syntax", "message": "no"},
    ],
    "semgrep": {
        "errors": [{"path": "app/new.py", "message": "timeout"}],
        "results": [
            {
                "path": "app/db.py",
                "start": {"line": 4},
                "check_id": "somewhere.python.formatted-sql-query",
                "extra": {"message": "a message"},
            }
        ],
    },
}
CHECKS = {"bandit": "B608", "ruff": "S608", "semgrep": "formatted-sql-query"}
SUBJECT = corpus.Subject("shop", "1.0", "shop-1.0", "shop")


def _args(**given: Any) -> argparse.Namespace:
    return argparse.Namespace(
        **{"reports": None, "timeout": 60.0, "semgrep_rules": None, "gate": "no-such-gate", **given}
    )


def _script(peer: peers.Peer, text: str) -> peers.Peer:
    return dataclasses.replace(peer, command=lambda args: [sys.executable, "-c", text])


@pytest.mark.parametrize("peer", peers.PEERS, ids=lambda peer: peer.name)
def test_each_report_is_read(peer: peers.Peer, tmp_path: Path) -> None:
    (found,) = peers.findings(peer, REPORTS[peer.name], tmp_path)
    assert (found.rule, found.file, found.line) == (peer.name, "app/db.py", 4)
    assert (found.subject, found.message) == (CHECKS[peer.name], "a message")
    assert [Path(file).as_posix() for file in peer.unread(REPORTS[peer.name])] == ["app/new.py"]


def test_a_file_is_named_below_the_root_whatever_the_tool_prints(tmp_path: Path) -> None:
    document = [{**REPORTS["ruff"][0], "filename": str(tmp_path.resolve() / "app" / "db.py")}]
    (found,) = peers.findings(peers.PEERS[1], document, tmp_path)
    assert found.file == "app/db.py"


def test_a_tool_is_run_in_the_sources_and_its_report_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    peer = _script(
        peers.PEERS[0], f"import os; open('ran', 'a').write('x'); print({json.dumps(REPORTS['bandit'])!r})"
    )
    root = tmp_path / "shop"
    root.mkdir()
    args = _args(reports=tmp_path / "kept")
    first = peers.report(peer, args, SUBJECT, root)
    assert peers.report(peer, args, SUBJECT, root) == first
    assert (root / "ran").read_text() == "x"
    assert [f.line for f in first] == [4]
    assert "bandit, shop 1.0: not read, or not by every rule: ./app/new.py" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["print('no report')", "import sys; sys.exit('went wrong')"])
def test_a_tool_without_a_report_is_no_tool_without_findings(text: str, tmp_path: Path) -> None:
    with pytest.raises(peers.PeerError, match="no report"):
        peers.ask(_script(peers.PEERS[0], text), _args(), tmp_path)


def test_a_tool_that_is_not_installed_is_left_out_loudly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(args: argparse.Namespace) -> list[str]:
        raise peers.NotInstalledError("semgrep is not installed")

    (tmp_path / "shop-1.0.check.json").write_text('{"findings": []}')
    (tmp_path / "shop-1.0.ruff.json").write_text(json.dumps(REPORTS["ruff"]))
    other = dataclasses.replace(peers.PEERS[2], command=missing)
    monkeypatch.setattr(peers, "PEERS", (peers.PEERS[1], other))
    found, complete = peers.measure(_args(reports=tmp_path), [(SUBJECT, tmp_path)])
    assert set(found) == {peers.GATE, "ruff"}
    assert not complete
    assert "LEFT OUT: semgrep is not installed" in capsys.readouterr().err


def test_semgrep_needs_a_checkout_of_its_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "_installed", lambda name: f"/bin/{name}")
    semgrep = next(peer for peer in peers.PEERS if peer.name == "semgrep")
    with pytest.raises(peers.NotInstalledError, match="--semgrep-rules"):
        semgrep.command(_args())
    with pytest.raises(peers.PeerError, match="none of semgrep's"):
        semgrep.command(_args(semgrep_rules=tmp_path))
    for name in (
        "python/lang/formatted-sql-query.yaml",
        "python/lang/exec.yaml",
        "java/tainted-sql-string.yaml",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    command = semgrep.command(_args(semgrep_rules=tmp_path))
    chosen = [Path(after).name for before, after in itertools.pairwise(command) if before == "--config"]
    assert chosen == ["formatted-sql-query.yaml"]


def test_of_the_gate_only_the_rules_about_statements_count(tmp_path: Path) -> None:
    def raw(rule: str) -> dict[str, object]:
        return {"rule": rule, "file": "a.py", "line": 1, "severity": "info", "message": "m", "subject": "q"}

    document = {"findings": [raw("sql-value-unproved"), raw("untyped-request-body")]}
    (tmp_path / "shop-1.0.check.json").write_text(json.dumps(document))
    (found,) = peers.gate_report(_args(reports=tmp_path), SUBJECT, tmp_path)
    assert (found.rule, found.subject) == (peers.GATE, "sql-value-unproved: q")


def test_the_table_counts_findings_and_true_ones_of_the_sample() -> None:
    found = [gate.Finding("ruff", "a.py", line, "", "m", "S608", "", {}) for line in range(1, 41)]
    sample = peers.drawn("ruff", {SUBJECT.title: found}, [], 1)
    assert len(sample) == peers.SIZE
    judged = [dataclasses.replace(j, verdict=i < 3, reason="r") for i, j in enumerate(sample)]
    text = peers.table([SUBJECT], {"ruff": {SUBJECT.title: found}}, {"ruff": judged})
    assert text.splitlines()[-1] == "| ruff | 40 | 40 | 30 | 3 | 10.0 % | 3 % |"
    assert peers.drawn("ruff", {SUBJECT.title: found}, judged, 1) == judged


def test_the_committed_judgements_are_whole_and_agree_with_each_other() -> None:
    assert "<!-- peers:begin -->" in tables.MEASUREMENTS.read_text("utf-8")
    verdicts: dict[tuple[str, str, int], bool] = {}
    for tool in (peers.GATE, *(peer.name for peer in peers.PEERS)):
        seed, found = judgements.load(judgements.path_of(tool, peers.FOLDER))
        assert seed == peers.SEED
        assert 0 < len(found) <= peers.SIZE
        for j in found:
            assert j.verdict is not None, f"{tool}: {j.file}:{j.line}"
            place = (j.project, j.file, j.line)
            assert verdicts.setdefault(place, j.verdict) is j.verdict, f"{tool}: {j.file}:{j.line}"
