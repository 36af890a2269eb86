"""Rules and checks come in pairs; a crash is named; the order is total."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
from backend_builders import place, project
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.errors import GateError, RuleFileError
from backend_gate.rules import checks, registry
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project
from backend_gate.rules.registry import (
    check_modules,
    finding_order,
    load_check,
    load_registry,
    require_pairs,
    run_rules,
    select_rules,
)
from backend_gate.rules.spec import Confidence, EvidenceClass, Fixable, Precision, Profile, RuleSpec


def spec(
    slug: str, number: int = 901, profile: Profile = Profile.HANDOFF, group: str = "building"
) -> RuleSpec:
    return RuleSpec(
        id=f"BG{number}",
        slug=slug,
        group=group,
        severity=Severity.ERROR,
        confidence=Confidence.HIGH,
        precision=Precision.HIGH,
        profile=profile,
        frameworks=("*",),
        standard="s",
        evidence=EvidenceClass.SYNTACTIC,
        fixable=Fixable.NO,
        title="t",
        message="m",
        why="w",
        fix="f",
    )


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> object:
    """Makes a module of the package of checks out of a function, for one test."""

    def add(name: str, **attributes: object) -> None:
        module = ModuleType(f"{checks.__name__}.{name}")
        vars(module).update(attributes)
        monkeypatch.setitem(sys.modules, module.__name__, module)

    return add


def finding(rule: str, line: int = 1, column: int = 1, subject: str = "", message: str = "m") -> Finding:
    return Finding(rule, message, place(line, column), Severity.ERROR, subject)


def test_the_gate_s_own_rules_and_checks_match() -> None:
    rules = load_registry()

    assert {rule.module for rule in rules.values()} == check_modules()
    for rule in rules.values():
        assert load_check(rule).__name__ == rule.module


def test_a_rule_without_a_check() -> None:
    with pytest.raises(RuleFileError, match="BG901 has no check") as caught:
        require_pairs({"door-left-open": spec("door-left-open")}, [])

    assert caught.value.file == "rules/building/door-left-open.yaml"
    assert "door_left_open.py" in caught.value.hint


def test_a_check_without_a_rule() -> None:
    with pytest.raises(RuleFileError, match="has no rule") as caught:
        require_pairs({}, ["door_left_open"])

    assert caught.value.file.endswith("checks/door_left_open.py")


def test_a_start_with_a_mismatch_stops(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "stray_check.py").write_text("")
    monkeypatch.setattr(checks, "__path__", [*checks.__path__, str(tmp_path)])

    with pytest.raises(RuleFileError, match="has no rule"):
        registry.load_registry()


@pytest.mark.parametrize("check", [None, lambda project: [], "text"])
def test_a_module_without_its_generator(install, check: object) -> None:  # type: ignore[no-untyped-def]
    install("door_left_open", door_left_open=check)

    with pytest.raises(RuleFileError, match="no generator function `door_left_open`"):
        load_check(spec("door-left-open"))


def test_a_crash_is_named_and_the_others_run(install) -> None:  # type: ignore[no-untyped-def]
    def a_broken(project: Project) -> Iterator[Finding]:
        yield finding("a-broken")
        raise KeyError("users")

    def b_sound(project: Project) -> Iterator[Finding]:
        yield finding("b-sound")

    install("a_broken", a_broken=a_broken)
    install("b_sound", b_sound=b_sound)

    run = run_rules(project(), [spec("a-broken"), spec("b-sound", 902), spec("no-such-module", 903)])

    assert [found.rule for found in run.findings] == ["a-broken", "b-sound"]
    assert [(slug, type(error)) for slug, error in run.crashed] == [
        ("a-broken", KeyError),
        ("no-such-module", ModuleNotFoundError),
    ]


def test_a_check_that_speaks_for_another_rule_is_a_crash(install) -> None:  # type: ignore[no-untyped-def]
    def a_liar(project: Project) -> Iterator[Finding]:
        yield finding("b-sound")

    install("a_liar", a_liar=a_liar)

    run = run_rules(project(), [spec("a-liar")])

    assert run.findings == []
    assert "b-sound" in str(run.crashed[0][1])


def test_a_request_to_stop_is_no_crash(install) -> None:  # type: ignore[no-untyped-def]
    def a_long_one(project: Project) -> Iterator[Finding]:
        yield finding("a-long-one")
        raise KeyboardInterrupt

    install("a_long_one", a_long_one=a_long_one)

    with pytest.raises(KeyboardInterrupt):
        run_rules(project(), [spec("a-long-one")])


def test_order_is_file_line_column_rule_subject() -> None:
    ordered = [
        msgspec.structs.replace(finding("z", 9), place=place(9, file="a.py")),
        msgspec.structs.replace(finding("a", 2), place=place(2, file="b.py")),
        msgspec.structs.replace(finding("a", 10, 1), place=place(10, 1, file="b.py")),
        msgspec.structs.replace(finding("a", 10, 2), place=place(10, 2, file="b.py")),
        msgspec.structs.replace(finding("b", 10, 2, "a"), place=place(10, 2, file="b.py")),
        msgspec.structs.replace(finding("b", 10, 2, "b"), place=place(10, 2, file="b.py")),
    ]

    for shuffled in itertools.islice(itertools.permutations(ordered), 0, 720, 7):
        assert sorted(shuffled, key=finding_order) == ordered


FINDINGS = st.builds(
    finding,
    st.sampled_from("ab"),
    st.integers(1, 2),
    st.integers(1, 2),
    st.sampled_from("xy"),
    st.text("m", max_size=2),
)


@given(st.lists(FINDINGS, max_size=8), st.randoms())
def test_order_is_total(findings: list[Finding], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(findings)
    random.shuffle(shuffled)

    assert sorted(shuffled, key=finding_order) == sorted(findings, key=finding_order)
    for one, other in itertools.pairwise(sorted(findings, key=finding_order)):
        assert one == other or finding_order(one) < finding_order(other)


RULES = {
    rule.slug: rule
    for rule in (
        spec("door-left-open", 901),
        spec("window-left-open", 902, Profile.ADVISORY),
        spec("roof-missing", 903, Profile.OPT_IN),
        spec("weeds", 801, Profile.HANDOFF, "garden"),
    )
}


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ((), (), ["door-left-open", "window-left-open", "weeds"]),
        ((), ("BG901",), ["window-left-open", "weeds"]),
        ((), ("building",), ["weeds"]),
        (("building",), (), ["door-left-open", "window-left-open"]),
        (("building", "bg903"), (), ["door-left-open", "window-left-open", "roof-missing"]),
        (("roof-missing",), (), ["roof-missing"]),
        (("weeds", "door-left-open"), ("weeds",), ["door-left-open"]),
    ],
)
def test_selection(select: tuple[str, ...], ignore: tuple[str, ...], expected: list[str]) -> None:
    assert [rule.slug for rule in select_rules(RULES, select, ignore)] == expected


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(GateError, match='no rule "door-left-opn"') as caught:
        select_rules(RULES, ["door-left-opn"])

    assert "door-left-open" in caught.value.hint
