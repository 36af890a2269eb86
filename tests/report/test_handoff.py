"""The bundle of a handoff: complete, safe whatever the code holds, and the same on every machine."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import msgspec
import pytest
import verdicts
from jsonschema import Draft202012Validator

from backend_gate.backend.model import Step
from backend_gate.evidence.coverage.model import Numbers, State, SuiteSummary
from backend_gate.report import handoff_html, handoff_json, handoff_markdown
from backend_gate.report.source import SourceReader
from backend_gate.rules.model import Related
from backend_gate.rules.registry import load_registry
from backend_gate.settle.handoff import Handoff, conclude
from backend_gate.settle.verdict import Outcome, Verdict, settle

HOSTILE = "</script><img src=x onerror=alert(1)>`|\n# [a](javascript:x) @someone"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def suite(name: str, missing: int = 0, state: State = State.MEASURED) -> SuiteSummary:
    return SuiteSummary(
        name=name,
        threshold=80,
        state=state,
        numbers=Numbers(100, missing, 30, 10, 2) if state is State.MEASURED else Numbers(),
        branches=True,
        files=3,
        data=("unit.json",),
        reason="" if state is State.MEASURED else "it was never measured",
        advice="" if state is State.MEASURED else f"`backend-gate test {name}` makes it",
        omitted=0.25,
        omitted_files=("shop/idle.py",),
        excluded=0.23,
        left_out=(),
        notes=("a note",),
        lost="",
    )


def with_inventory(verdict: Verdict) -> Verdict:
    """The verdict with endpoints and suites in its first backend."""
    first, *others = verdict.backends
    endpoints = [
        msgspec.structs.replace(endpoint, tests={"unit": "no", "integration": "yes"})
        for endpoint in verdicts.ENDPOINTS
    ]
    full = msgspec.structs.replace(
        first,
        inventory=tuple(endpoints),
        suites=(suite("unit", 50), suite("integration", state=State.MISSING)),
    )
    return msgspec.structs.replace(verdict, backends=(full, *others))


@pytest.fixture
def handoff(tmp_path: Path) -> Handoff:
    verdicts.write_sources(tmp_path)
    return conclude(tmp_path, with_inventory(verdicts.verdict()), 0.95)


def page(handoff: Handoff) -> str:
    return handoff_html.render(handoff, SourceReader(handoff.root))


def test_a_rule_that_blocks_a_handoff_fails_it_whatever_its_severity(handoff: Handoff) -> None:
    blocking = {finding.rule for finding in handoff.blocking}

    assert handoff.outcome is Outcome.FAILS
    assert any("block" in reason for reason in handoff.reasons)
    assert blocking == {finding.rule for finding in handoff.verdict.findings}, "all rules of the shop block"


def test_nothing_found_is_ready(tmp_path: Path) -> None:
    ready = conclude(tmp_path, settle([], rules={}), 0.95)

    assert (ready.outcome, ready.exit_code, ready.reasons) == (Outcome.PASSES, 0, ())
    assert handoff_markdown.render(ready).startswith("# Ready to hand over\n\nNothing stands in the way.")


def test_problems_outweigh_findings(tmp_path: Path) -> None:
    found = conclude(tmp_path, verdicts.verdict(problems=(verdicts.PROBLEM,)), 0.95)

    assert (found.outcome, found.exit_code) == (Outcome.NOT_JUDGED, 2)


def test_most_endpoints_have_to_be_decided(tmp_path: Path) -> None:
    verdict = verdicts.verdict(findings=(), questions=())
    backend = msgspec.structs.replace(
        verdict.backends[0],
        endpoints={**dict.fromkeys(verdict.endpoints, 0), "protected": 9, "unresolved": 1},
    )
    verdict = msgspec.structs.replace(verdict, backends=(backend,), frameworks=())

    assert conclude(tmp_path, verdict, 0.95).reasons == (
        "it is known who may call 9 of 10 endpoints, and 95% are wanted",
    )
    assert conclude(tmp_path, verdict, 0.9).outcome is Outcome.PASSES


def test_the_document_tells_everything(handoff: Handoff) -> None:
    text = handoff_markdown.render(handoff)

    assert text.startswith("# Not ready to hand over")
    for title in ("What has to be mended", "Endpoints", "Tests", "Open questions", "Frameworks"):
        assert f"\n## {title}\n" in text
    for finding in handoff.blocking:
        assert f"`{finding.place.file}:{finding.place.span.line}`" in text
    for endpoint in handoff.verdict.inventory:
        assert f"`{endpoint.path}`" in text
    assert "| unit | **52.73 %** | 80 % | 50 of 100 | 8 of 10 | `unit.json` |" in text
    assert "integration | unknown" in text
    assert "23% of the lines are excluded" in text
    assert "25% of the code is not in the data" in text


def test_the_json_keeps_to_its_schema(handoff: Handoff) -> None:
    folder = resources.files("backend_gate") / "schemas"
    schema = json.loads((folder / "handoff.json").read_text("utf-8"))
    document = json.loads(handoff_json.render(handoff))

    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    Draft202012Validator(json.loads((folder / "check.json").read_text("utf-8"))).validate(document["check"])
    assert [task["verify"] for task in document["todo"]] == [
        f"backend-gate check --select {task['id']} --fail-on info" for task in document["todo"]
    ]
    assert document["endpoints"][0]["tests"] == {"unit": "no", "integration": "yes"}


def test_what_asks_for_evidence_is_verified_by_a_run_of_the_tests(handoff: Handoff) -> None:
    registry = load_registry()
    verdict = handoff.verdict
    finding = msgspec.structs.replace(verdict.findings[0], rule="endpoint-untested", fix="")
    verdict = msgspec.structs.replace(
        verdict, rules={**verdict.rules, "endpoint-untested": registry["endpoint-untested"]}
    )
    document = json.loads(
        handoff_json.render(msgspec.structs.replace(handoff, verdict=verdict, advisory=(finding,)))
    )

    (task,) = document["advice"]
    assert task["verify"] == "backend-gate test && backend-gate check --select BG702 --fail-on info"
    assert "```python\ndef test_" in task["fix"], "the whole of it, with its code"


@pytest.mark.parametrize("render", [handoff_markdown.render, page], ids=["document", "page"])
def test_suites_are_told_alike(handoff: Handoff, render: Callable[[Handoff], str]) -> None:
    close = msgspec.structs.replace(suite("unit"), numbers=Numbers(100_000, 20_004))
    empty = msgspec.structs.replace(suite("integration"), numbers=Numbers())
    first, *others = handoff.verdict.backends
    backend = msgspec.structs.replace(first, suites=(close, empty))
    verdict = msgspec.structs.replace(handoff.verdict, backends=(backend, *others))

    text = render(msgspec.structs.replace(handoff, verdict=verdict))

    assert "79.996 %" in text, "not rounded to the 80 % that it does not reach"
    assert "23% of the lines are excluded" in text
    assert "25% of the code is not in the data" in text
    assert "here is nothing to run in it" in text
    assert "A note." in text


@pytest.mark.parametrize("render", [handoff_markdown.render, page], ids=["document", "page"])
def test_a_rule_gives_its_reason_and_its_way_out_once(
    handoff: Handoff, render: Callable[[Handoff], str]
) -> None:
    finding = msgspec.structs.replace(handoff.blocking[0], fix="")
    rule = handoff.verdict.rules[finding.rule]
    spec = msgspec.structs.replace(
        rule, why="Because.", fix="Write:\n\n```python\nx: int = 1\n```\n\nThen test.\n"
    )
    verdict = msgspec.structs.replace(handoff.verdict, rules={**handoff.verdict.rules, rule.slug: spec})

    text = render(msgspec.structs.replace(handoff, verdict=verdict, blocking=(finding, finding), advisory=()))

    assert (text.count("Because."), text.count("x: int = 1"), text.count("Then test.")) == (1, 1, 1)


def test_a_place_that_is_named_twice_is_shown_once(handoff: Handoff) -> None:
    finding = handoff.blocking[0]
    step = Step(finding.place, "the body is read here")
    finding = msgspec.structs.replace(
        finding,
        evidence=(step,),
        related=(Related(step.place, step.message), Related(step.place, "and here")),
    )

    text = page(msgspec.structs.replace(handoff, blocking=(finding,), advisory=()))

    assert "2 places that led here" in text
    assert text.count("the body is read here") == 1


def test_nothing_of_the_machine_is_in_it(handoff: Handoff) -> None:
    for text in (handoff_markdown.render(handoff), handoff_json.render(handoff), page(handoff)):
        assert str(handoff.root) not in text
        assert not re.search(r"\b20\d\d-\d\d-\d\d", text)


class _Page(HTMLParser):
    """Collects what a browser would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.handlers: list[str] = []
        self.labels = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "action", "data", "style") and not (value or "").startswith("#"):
                self.loads.append(f"{tag} {name}")
            if name.startswith("on"):
                self.handlers.append(name)


def read(text: str) -> _Page:
    found = _Page()
    found.feed(text)
    return found


def test_the_page_needs_nothing_else(handoff: Handoff) -> None:
    text = page(handoff)
    found = read(text)

    assert found.loads == []
    assert found.handlers == []
    assert found.tags.count("script") == 1
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    for tag, key in (("style", "style-src"), ("script", "script-src")):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        expected = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{key} &#x27;sha256-{expected}&#x27;" in policy
    assert "default-src &#x27;none&#x27;" in policy


def test_hostile_code_stays_text(tmp_path: Path) -> None:
    verdict = with_inventory(verdicts.verdict())
    finding = msgspec.structs.replace(verdict.findings[0], message=HOSTILE, fix=HOSTILE, subject=HOSTILE)
    endpoint = msgspec.structs.replace(verdict.inventory[0], path=HOSTILE, handler=HOSTILE, app=HOSTILE)
    backend = msgspec.structs.replace(verdict.backends[0], inventory=(endpoint,))
    verdict = msgspec.structs.replace(verdict, findings=(finding,), backends=(backend,))
    found = conclude(tmp_path, verdict, 0.95)

    html, markdown = page(found), handoff_markdown.render(found)

    assert read(html).tags.count("script") == 1
    assert "img" not in read(html).tags
    assert "\n# [a]" not in markdown
    outside_code = re.sub(r"``[^\n]*?``|`[^`\n]*`", "", markdown)
    assert not re.search(r"(?<!\\)<img", outside_code)


@pytest.mark.skipif(
    CHROMIUM is None, reason="there is no Chromium here: the page was not looked at in a browser"
)
def test_the_page_works_in_a_browser(handoff: Handoff, tmp_path: Path) -> None:
    assert CHROMIUM is not None
    file = tmp_path / "handoff.html"
    file.write_text(page(handoff), "utf-8")

    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
         "--virtual-time-budget=2000", "--dump-dom", file.as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    number = len(handoff.verdict.inventory)
    assert f"{number} of {number} shown" in done.stdout, done.stderr[-2000:]
    assert '<div class="filters" role="search">' in done.stdout, "the script has shown the filters"
