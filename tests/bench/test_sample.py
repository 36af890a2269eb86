from __future__ import annotations

import collections
import dataclasses
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bench import gate, judgements, precision, sample

RULE = "endpoint-without-auth"


def _findings(sizes: dict[str, int]) -> dict[str, list[gate.Finding]]:
    return {
        project: [
            gate.Finding(RULE, f"{project}/m{i % 3}.py", i + 1, "error", f"message {i}", f"GET /{i}", "f", {})
            for i in range(size)
        ]
        for project, size in sizes.items()
    }


@given(
    st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 40), min_size=1),
    st.integers(0, 50),
    st.integers(0, 9),
)
def test_a_draw_is_spread_without_repeats_and_complete(sizes: dict[str, int], size: int, seed: int) -> None:
    findings = _findings(sizes)
    drawn = sample.draw(seed, RULE, findings, size)
    assert len(drawn) == len({(p, f.line) for p, f in drawn}) == min(size, sum(sizes.values()))
    count = collections.Counter(project for project, _ in drawn)
    # No backend has two more than one that still had findings to give.
    for one in sizes:
        for other in sizes:
            assert count[one] <= count[other] + 1 or count[other] == sizes[other]
    assert drawn == sample.draw(seed, RULE, {p: list(reversed(f)) for p, f in findings.items()}, size)


def test_a_changed_gate_changes_only_what_it_must() -> None:
    findings = _findings({"a": 30, "b": 30})
    before = sample.draw(1, RULE, findings, 10)
    gone = before[0]
    findings[gone[0]].remove(gone[1])
    after = sample.draw(1, RULE, findings, 10)
    assert [d for d in before if d not in after] == [gone]


def test_verdicts_are_kept_and_judges_balanced(tmp_path: Path) -> None:
    findings = _findings({"a": 30, "b": 30})
    first = sample.entries(RULE, sample.draw(1, RULE, findings, 20), [])
    assert collections.Counter(j.judge for j in first) == {"a": 10, "b": 10}
    judged = [dataclasses.replace(first[0], verdict=False, reason="a health check"), *first[1:]]
    path = judgements.path_of(RULE, tmp_path)
    judgements.save(path, 1, judged)
    seed, loaded = judgements.load(path)
    assert (seed, loaded) == (1, judged)
    again = sample.entries(RULE, sample.draw(1, RULE, findings, 20), loaded)
    assert again == judged


def test_the_blind_sheet_holds_nothing_of_what_the_tool_said() -> None:
    found = sample.entries(RULE, sample.draw(1, RULE, _findings({"a": 6}), 6), [])
    sheet = yaml.safe_load(sample.blind_text(RULE, "what it is", found))
    assert len(sheet["places"]) == 3
    for place in sheet["places"]:
        assert set(place) == {"project", "file", "line", "verdict", "reason"}
    assert "message" not in sample.blind_text(RULE, "what it is", found)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"judge": "c"}, "judge is a or b"),
        ({"verdict": "yes"}, "verdict is true or false"),
        ({"verdict": True, "reason": None}, "needs a reason"),
        ({"rule": "other"}, "rule other"),
        ({"extra": 1}, "exactly the keys"),
    ],
)
def test_a_malformed_judgement_is_refused(tmp_path: Path, change: dict[str, object], complaint: str) -> None:
    entry = dataclasses.asdict(sample.entries(RULE, sample.draw(1, RULE, _findings({"a": 1}), 1), [])[0])
    path = judgements.path_of(RULE, tmp_path)
    path.write_text(yaml.safe_dump({"seed": 1, "findings": [{**entry, **change}]}), "utf-8")
    with pytest.raises(judgements.JudgementError, match=complaint):
        judgements.load(path)


def test_a_finding_judged_twice_is_refused(tmp_path: Path) -> None:
    found = sample.entries(RULE, sample.draw(1, RULE, _findings({"a": 1}), 1), [])
    path = judgements.path_of(RULE, tmp_path)
    judgements.save(path, 1, found * 2)
    with pytest.raises(judgements.JudgementError, match="twice"):
        judgements.load(path)


def test_precision_counts_judged_findings_only() -> None:
    found = sample.entries(RULE, sample.draw(1, RULE, _findings({"a": 10}), 10), [])
    verdicts = [True, True, True, False, *[None] * 6]
    judged = [dataclasses.replace(j, verdict=v, reason="r") for j, v in zip(found, verdicts, strict=True)]
    row = precision.precision(RULE, judged)
    assert (row.judged, row.true, row.open, row.projects) == (4, 3, 6, 1)
    assert "75.0 %" in precision.precision_table([row])
    assert "(+6 open)" in precision.precision_table([row])


@given(st.integers(1, 200), st.data())
def test_the_interval_lies_below_the_share(judged: int, data: st.DataObject) -> None:
    true = data.draw(st.integers(0, judged))
    lower = precision.wilson_lower(true, judged)
    assert 0 <= lower <= true / judged + 1e-12


def test_the_interval_at_known_values() -> None:
    assert precision.wilson_lower(20, 20) == pytest.approx(0.839, abs=0.001)
    assert precision.wilson_lower(16, 20) == pytest.approx(0.584, abs=0.001)
