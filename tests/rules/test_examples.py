"""Every example of every rule, run through the gate: a marker pins rule and line, no marker means silence."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from backend_gate.gate import Overrides, check
from backend_gate.rules.examples import Example, Expectation, Kind
from backend_gate.rules.spec import RuleSpec, load_rules

RULES = load_rules(with_examples=True)
IDS = {spec.slug: spec.id for spec in RULES.values()}
CASES = [
    pytest.param(spec, example, id=f"{spec.id}-{example.kind.value}-{example.title.replace(' ', '-')}")
    for spec in RULES.values()
    for example in spec.examples
]


@pytest.mark.parametrize(("spec", "example"), CASES)
def test_example(spec: RuleSpec, example: Example, tmp_path: Path) -> None:
    """The rule itself, and every other that the example names, find what is marked and nothing else."""
    for name, source in example.sources.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    expected = example.expectations()
    rules = {spec.id, *(expectation.rule for expectation in expected)}

    root, verdict = check([tmp_path], Overrides(select=tuple(sorted(rules))), jobs=1)

    found = [
        Expectation(finding.place.file, finding.place.span.line, IDS[finding.rule])
        for finding in verdict.findings
    ]
    assert root == tmp_path.resolve()
    assert Counter(found) == Counter(expected), verdict.findings
    unreadable = {expectation.file for expectation in expected if expectation.rule == "BG001"}
    assert {problem.subject for problem in verdict.problems} == unreadable, verdict.problems


@pytest.mark.parametrize("spec", RULES.values(), ids=IDS.values())
def test_a_rule_has_enough_examples(spec: RuleSpec) -> None:
    """Three bad and three good ones, of which two span files: less does not show what a rule means."""
    for kind in Kind:
        assert sum(example.kind is kind for example in spec.examples) >= 3, kind
    assert sum(len(example.sources) > 1 for example in spec.examples) >= 2
    titles = [example.title for example in spec.examples]
    assert len(set(titles)) == len(titles)
