"""Machine output: it keeps to its schema, to its order, and to itself."""

from __future__ import annotations

import json
import random
from importlib import resources
from typing import Any

import msgspec
import pytest
import verdicts
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from backend_gate.backend.model import Auth, Condition, Endpoint, Verdict
from backend_gate.report.json import render_check, render_routes
from backend_gate.rules.model import Finding, Severity
from backend_gate.settle.verdict import settle


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((resources.files("backend_gate") / "schemas" / f"{name}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize(
    "verdict",
    [
        verdicts.verdict(),
        verdicts.verdict(problems=(verdicts.PROBLEM,), frameworks=(verdicts.FASTAPI, verdicts.RAILS)),
        verdicts.verdict(findings=(), questions=(), strict=True, fail_on=Severity.INFO),
        settle([], rules={}),
    ],
)
def test_check_keeps_to_its_schema(verdict: Any) -> None:
    validator("check").validate(json.loads(render_check(verdict)))


def test_routes_keep_to_their_schema() -> None:
    every = [verdicts.endpoint("GET", f"/{verdict.name}", Auth(verdict, "why")) for verdict in Verdict]
    document = json.loads(render_routes([*verdicts.ENDPOINTS, *every], list(verdicts.UNRESOLVED)))
    validator("routes").validate(document)


def test_schemas_refuse_what_is_not_theirs() -> None:
    document = json.loads(render_check(verdicts.verdict()))
    for change in ({"schema": 2}, {"clock": "now"}, {"outcome": "fine"}):
        with pytest.raises(ValidationError):
            validator("check").validate({**document, **change})
    routes = json.loads(render_routes(list(verdicts.ENDPOINTS), []))
    routes["endpoints"][0]["auth"]["required"] = "yes"
    with pytest.raises(ValidationError):
        validator("routes").validate(routes)


def test_required_is_null_where_it_depends() -> None:
    required = {
        verdict.value: json.loads(render_routes([verdicts.endpoint("GET", "/", Auth(verdict, ""))], []))[
            "endpoints"
        ][0]["auth"]["required"]
        for verdict in Verdict
    }
    assert required == {
        "protected": True,
        "protected-conditionally": None,
        "declared-public": False,
        "public-by-nature": False,
        "unprotected": False,
        "unresolved": None,
    }


@given(seed=st.integers(0, 10_000))
def test_the_order_is_total(seed: int) -> None:
    """However the parts come in, and however often, the same bytes go out."""
    dice = random.Random(seed)
    twins = [
        msgspec.structs.replace(finding, message=f"{finding.message} {number}")
        for finding in verdicts.FINDINGS
        for number in range(2)
    ]
    findings = [*verdicts.FINDINGS, *twins, *verdicts.FINDINGS]
    questions = [*verdicts.QUESTIONS, *verdicts.QUESTIONS]
    problems = [verdicts.PROBLEM, msgspec.structs.replace(verdicts.PROBLEM, message="another")]
    rules = list(verdicts.RULES.items())
    frameworks = [verdicts.RAILS, verdicts.FASTAPI]
    expected = _rendered(findings, questions, problems, rules, frameworks)
    for parts in (findings, questions, problems, rules, frameworks):
        dice.shuffle(parts)
    assert _rendered(findings, questions, problems, rules, frameworks) == expected


def _rendered(findings: Any, questions: Any, problems: Any, rules: Any, frameworks: Any) -> str:
    half = len(findings) // 2
    backends = [
        msgspec.structs.replace(verdicts.SHOP, path=path, findings=tuple(part), questions=tuple(questions))
        for path, part in (("a", findings[:half]), ("b", findings[half:]))
    ]
    verdict = settle(backends, rules=dict(rules), problems=problems, frameworks=frameworks)
    document = json.loads(render_check(verdict))
    del document["backends"]  # the halves differ, the whole does not
    return json.dumps(document)


def test_control_characters_survive() -> None:
    odd = Finding("body-model-open", "\x1b \u2028 \0", verdicts.place("a.py", 1, 1, 2), Severity.INFO)
    document = json.loads(render_check(verdicts.verdict(findings=(odd,))))
    assert document["findings"][0]["message"] == odd.message


def test_what_only_a_setting_adds_stands_apart() -> None:
    def listed(by_default: bool | None) -> list[list[str]]:
        condition = Condition("settings.debug", verdicts.place("shop/main.py", 6, 4, 18), by_default)
        endpoint = verdicts.endpoint("GET", "/debug", Auth(Verdict.PROTECTED, ""), conditions=[condition])
        document = json.loads(render_routes([endpoint], []))
        validator("routes").validate(document)
        return [[row["path"] for row in document[key]] for key in ("endpoints", "off_by_default")]

    assert listed(True) == [["/debug"], []]
    assert listed(None) == [["/debug"], []]
    assert listed(False) == [[], ["/debug"]]


def test_routes_keep_the_order_of_registration() -> None:
    def paths(endpoints: list[Endpoint]) -> list[str]:
        return [row["path"] for row in json.loads(render_routes(endpoints, []))["endpoints"]]

    endpoints = [endpoint for endpoint in verdicts.ENDPOINTS if not endpoint.off_by_default]
    assert paths(endpoints) == [endpoint.path for endpoint in endpoints]
    assert paths(endpoints[::-1]) == [endpoint.path for endpoint in endpoints[::-1]]
