"""Annotations, code quality, JUnit and Markdown: read as their readers read them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest
import verdicts
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from running import BODIES, TYPED, gate_here, make_backend

from backend_gate.backend.model import Place, Step
from backend_gate.facts.model import Span
from backend_gate.report import github, gitlab, junit, markdown
from backend_gate.report.source import SourceReader
from backend_gate.report.text import one_line, path_text
from backend_gate.rules.model import Finding, Severity
from backend_gate.settle.verdict import OpenQuestion, Problem, Verdict, settle

NASTY = st.text(
    st.sampled_from("ab1 `@#*_[]()<>|!:,%\n\r\\~&$-=+.\u202e\x00\x1b\ufffe/w'\"")
    | st.characters(codec="utf-8")
)


def _saying(message: str, file: str = "shop/users.py", **changes: object) -> Verdict:
    finding = Finding("body-model-open", message, verdicts.place(file, 3, 1, 2), Severity.INFO)
    return verdicts.verdict(findings=(msgspec.structs.replace(finding, **changes),), questions=())


# --- on the command line -------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["github", "gitlab", "junit", "markdown"])
def test_the_exit_code_is_that_of_the_verdict_and_paths_start_at_the_repository(
    form: str, tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    failing = make_backend(tmp_path / "services" / "orders")
    done = gate_here(*BODIES, "services/orders", "--format", form, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert "services/orders/shop/main.py" in done.stdout
    assert str(tmp_path) not in done.stdout
    assert done.stdout == gate_here(*BODIES, "--format", form, cwd=failing).stdout
    passing = make_backend(tmp_path / "services" / "users", TYPED)
    done = gate_here(*BODIES, "--format", form, cwd=passing)
    assert (done.returncode, done.stderr) == (0, "")
    assert "main.py" not in done.stdout


def test_a_path_keeps_its_blanks_in_every_format(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = " two  blanks,\u00a0ä"
    make_backend(tmp_path / folder)
    path = f"{folder}/shop/main.py"
    for form, said in {
        "concise": f"{path}:7:17: BG201 ",
        "console": f"· {path}:7:17",
        "github": f"file={path.replace(',', '%2C')},line=7,",
        "gitlab": json.dumps(path, ensure_ascii=False),
        "junit": f'file="{path}"',
    }.items():
        done = gate_here(*BODIES, folder, "--format", form, cwd=tmp_path)
        assert (done.returncode, said in done.stdout) == (1, True), done.stdout


# --- annotations ---------------------------------------------------------------------------------

_COMMAND = re.compile(r"::(?P<name>[a-z-]+)(?: (?P<properties>[^:]*))?::(?P<data>.*)")


def _commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands in the log of a step, as GitHub's runner reads them."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        if match := _COMMAND.match(line.lstrip()):
            properties = dict(item.split("=", 1) for item in (match["properties"] or "").split(","))
            decoded = {
                key: value.replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n").replace("%25", "%")
                for key, value in properties.items()
            }
            found.append((match["name"], decoded, match["data"].replace("%0A", "\n").replace("%25", "%")))
        else:
            assert "##[" not in line
    return found


def test_annotations_name_rule_place_and_way_out() -> None:
    commands = _commands(github.render(verdicts.verdict(), prefix="services/"))
    assert [name for name, _, _ in commands] == ["error"] * 4 + ["notice"]
    _, properties, text = commands[0]
    assert properties == {
        "title": "BG101 endpoint-without-auth",
        "file": "services/shop/users.py",
        "line": "8",
        "endLine": "8",
        "col": "1",
        "endColumn": "17",
    }
    assert text.splitlines()[1].startswith("Let the endpoint, its router or the application depend on")


def test_columns_are_left_out_where_github_does_not_take_them() -> None:
    verdict = _saying("long", place=Place("a.py", Span(1, 5, 2, 3)))
    ((_, properties, _),) = _commands(github.render(verdict))
    assert properties.keys() == {"title", "file", "line", "endLine"}


@given(NASTY, NASTY)
def test_no_text_makes_a_command_of_its_own(message: str, name: str) -> None:
    log = github.render(_saying(f"::set-env name=A::{message}\n::stop-commands::x", f"a/{name}.py"))
    ((command, properties, text),) = _commands(log)
    assert command == "notice"
    assert properties["file"] == path_text(f"a/{name}.py")
    assert text.startswith("::set-env name=A::")
    assert len(log.splitlines()) == 2


def test_open_questions_are_annotated_where_they_fail() -> None:
    assert len(_commands(github.render(verdicts.verdict(findings=())))) == 0
    strict = _commands(github.render(verdicts.verdict(findings=(), strict=True)))
    assert {properties["title"] for _, properties, _ in strict} == {"Open question"}
    assert len(strict) == len(verdicts.QUESTIONS)


def test_a_failure_without_a_place_is_an_annotation() -> None:
    verdict = verdicts.verdict(
        findings=(), questions=(), strict=True, frameworks=(verdicts.FASTAPI, verdicts.RAILS)
    )
    ((name, properties, text),) = _commands(github.render(verdict))
    assert (name, properties) == ("error", {"title": "backend-gate"})
    assert "Rails is not analysed" in text


def test_more_annotations_than_github_shows_is_said() -> None:
    many = tuple(
        Finding("body-model-open", "m", verdicts.place("a.py", line, 1, 2), Severity.INFO)
        for line in range(1, 12)
    )
    assert "GitHub shows 10 annotations" in github.render(verdicts.verdict(findings=many))
    assert "GitHub shows" not in github.render(verdicts.verdict(findings=many[:10]))


# --- code quality --------------------------------------------------------------------------------


def _gitlab(verdict: Verdict, root: Path) -> list[dict[str, object]]:
    entries = json.loads(gitlab.render(verdict, SourceReader(verdicts.write_sources(root))))
    for entry in entries:
        assert entry.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert entry["location"].keys() == {"path", "lines"}
        assert not entry["location"]["path"].startswith(("./", "/"))
        assert entry["location"]["lines"]["begin"] >= 1
    assert isinstance(entries, list)
    return entries


def test_code_quality_has_unique_fingerprints_that_outlive_messages(tmp_path: Path) -> None:
    twin = msgspec.structs.replace(verdicts.FINDINGS[-1], message="the same in other words")
    verdict = verdicts.verdict(findings=(*verdicts.FINDINGS, twin))
    names = [entry["fingerprint"] for entry in _gitlab(verdict, tmp_path)]
    assert len(set(names)) == len(names) == 6
    renamed = tuple(msgspec.structs.replace(item, message="new words") for item in verdicts.FINDINGS)
    before, after = verdicts.verdict(), verdicts.verdict(findings=renamed)
    assert {entry["fingerprint"] for entry in _gitlab(before, tmp_path)} == {
        entry["fingerprint"] for entry in _gitlab(after, tmp_path)
    }


def test_code_quality_says_what_could_not_be_judged(tmp_path: Path) -> None:
    nowhere = Problem("nothing-to-judge", ".", "there is no Python code here", "Name the folder")
    first, second, *_ = _gitlab(verdicts.verdict(problems=(verdicts.PROBLEM, nowhere)), tmp_path)
    assert (first["check_name"], first["severity"]) == ("nothing-to-judge", "blocker")
    assert second["location"] == {"path": "shop/broken.py", "lines": {"begin": 3, "end": 3}}


# --- JUnit ---------------------------------------------------------------------------------------


def test_junit_counts_what_fails_and_what_does_not() -> None:
    document = ET.fromstring(junit.render(verdicts.verdict(problems=(verdicts.PROBLEM,))))
    suite, whole = document
    assert (suite.get("name"), suite.get("failures"), suite.get("errors")) == ("backend", "4", "0")
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "endpoint-without-auth"
    assert "shop/users.py:5: the router has no dependencies" in (failure.text or "")
    passing = [case for case in suite if case.find("failure") is None]
    assert [case.get("classname") for case in passing] == ["backend-gate.input"] + [
        "backend-gate.open-question"
    ] * len(verdicts.QUESTIONS)
    assert (whole.get("name"), whole.get("errors")) == ("backend-gate", "1")
    assert {name: document.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": str(len(suite) + len(whole)),
        "failures": "4",
        "errors": "1",
    }


def test_junit_fails_whenever_the_verdict_does() -> None:
    strict = verdicts.verdict(findings=(), strict=True)
    assert len(ET.fromstring(junit.render(strict)).findall("*/*/failure")) == len(verdicts.QUESTIONS)
    rails = verdicts.verdict(
        findings=(), questions=(), strict=True, frameworks=(verdicts.FASTAPI, verdicts.RAILS)
    )
    (failure,) = ET.fromstring(junit.render(rails)).findall("*/*/failure")
    assert "Rails is not analysed" in (failure.text or "")


def test_junit_passes_with_the_rules_that_found_nothing() -> None:
    document = ET.fromstring(junit.render(settle([], rules=verdicts.RULES)))
    assert [case.get("name") for case in document.iter("testcase")] == [
        "BG101 endpoint-without-auth",
        "BG201 untyped-request-body",
        "BG202 body-model-open",
        "BG301 sql-built-from-values",
    ]
    assert document.get("failures") == "0"


@given(NASTY, NASTY)
def test_junit_is_xml_whatever_is_said(message: str, name: str) -> None:
    verdict = _saying(message, f"{name}.py", subject=name, fix=message)
    assert ET.fromstring(junit.render(verdict)).find("testsuite/testcase") is not None


# --- Markdown ------------------------------------------------------------------------------------


def _shown(text: str) -> str:
    """What a reader sees of one paragraph that may hold code, and no other markup."""
    tokens = MarkdownIt("commonmark").parse(text)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    shown = ""
    for child in tokens[1].children or []:
        if child.type == "html_inline":
            assert child.content == "<!-- -->"
        else:
            assert child.type in ("text", "code_inline", "text_special"), child
            shown += child.content
    return shown


def _words(text: str) -> str:
    """Without the full stop that a sentence gets."""
    return " ".join(text.split()).removesuffix(".").strip()


@given(NASTY)
def test_judged_text_is_shown_as_it_stands(message: str) -> None:
    text = markdown.render(_saying(f"Field {message}")).split("\n\n")
    (line,) = [part for part in text if part.startswith("**info**")]
    said = line.split("`BG202 body-model-open`: ", 1)[1]
    shown = _shown(said)
    without_ticks = one_line(f"Field {message}").replace("`", "")
    assert _words(shown.replace("`", "")) == _words(without_ticks)


@pytest.mark.parametrize(
    "text", ["@octocat", "see #12", "http://evil.example", "www.evil.example", "GH-1 @org/team"]
)
def test_judged_text_mentions_nobody_and_links_nowhere(text: str) -> None:
    report = markdown.render(_saying(f"Field {text} is open"))
    for live in (r"@\w", r"#\d", r"://", r"www\.\w"):
        assert not re.search(live, report.replace("<!-- -->", "\0")), live


def test_code_of_the_judged_backend_stays_code() -> None:
    report = markdown.render(_saying("takes ``a`b`` and `c | d`", "odd`name.py"))
    assert "`` odd`name.py ``" in report


def test_a_report_that_is_too_long_counts_the_rest() -> None:
    many = tuple(
        Finding(
            "body-model-open",
            f"number {line}",
            verdicts.place("a.py", line, 1, 2),
            Severity.INFO,
            evidence=(Step(verdicts.place("b.py", 1, 1, 2), "a step"),),
        )
        for line in range(1, 300)
    )
    report = markdown.render(verdicts.verdict(findings=many), limit=5_000)
    assert len(report) <= 5_000
    found = re.search(r"(\d+) more findings did not fit here", report)
    assert found is not None
    assert report.count("`BG202 body-model-open`") + int(found[1]) == 299


def test_many_problems_leave_room_for_findings() -> None:
    many = tuple(
        Problem(
            "unreadable-file",
            f"{number}.py",
            "x" * 900,
            "Make it readable",
            verdicts.place(f"{number:03}.py", 1, 1, 1),
        )
        for number in range(90)
    )
    report = markdown.render(verdicts.verdict(problems=many))
    assert len(report) <= markdown.MAX_CHARACTERS
    assert "70 more could not be judged." in report
    assert "`BG101 endpoint-without-auth`" in report


def test_open_questions_are_folded_and_counted() -> None:
    place = verdicts.place("a.py", 1, 1, 2)
    many = tuple(OpenQuestion(place, "wiring", f"reason {number:02}") for number in range(25))
    report = markdown.render(verdicts.verdict(findings=(), questions=many))
    assert "<summary>25 open questions</summary>" in report
    assert "- and 5 more" in report
