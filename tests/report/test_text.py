"""Words that come from a judged repository stay words."""

from __future__ import annotations

from pathlib import Path

import pytest
import verdicts
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.backend.model import Auth, Verdict
from backend_gate.report import concise, console, routes
from backend_gate.report.sentences import endpoint_sentence, headline
from backend_gate.report.source import SourceReader
from backend_gate.report.text import (
    blocks,
    enumeration,
    first_paragraph,
    first_sentence,
    one_line,
    plural,
    sentence,
    visible,
)
from backend_gate.rules.model import Finding, Severity

EVIL = "x\x1b[2J\x1b]0;title\x07\r\n\u202eevil\u2066\x00"


@given(st.text())
def test_visible_text_holds_nothing_that_steers(text: str) -> None:
    assert not any(
        ord(c) < 32 or 0x7F <= ord(c) < 0xA0 or c in "\u202a\u202e\u2066\u2028\u2029" for c in visible(text)
    )
    assert "\n" not in one_line(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_visible_text_stays(text: str) -> None:
    assert visible(text) == text


def test_no_report_for_people_lets_control_characters_through() -> None:
    finding = Finding("endpoint-without-auth", EVIL, verdicts.place(EVIL, 1, 1, 2), Severity.ERROR, fix=EVIL)
    verdict = verdicts.verdict(findings=(finding,))
    endpoint = verdicts.endpoint(EVIL, EVIL, Auth(Verdict.PROTECTED, EVIL, [EVIL]), handler=EVIL, app=EVIL)
    texts = [
        console.render(verdict, SourceReader(Path()), console.Style()),
        concise.render(verdict, verbose=True),
        routes.render([endpoint], verdicts.UNRESOLVED),
    ]
    for text in texts:
        assert "evil" in text
        assert not any(character != "\n" and not character.isprintable() for character in text)
    assert len(concise.render(verdict).splitlines()) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("one", "One."),
        ("Done.", "Done."),
        ("`x` fails", "`x` fails."),
        ("What?", "What?"),
        ("app.deps.user denies it", "app.deps.user denies it."),
        ("tests/unit is empty", "tests/unit is empty."),
    ],
)
def test_sentence(text: str, expected: str) -> None:
    assert sentence(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", "One."),
        ("All of it", "All of it"),
        ("Set `a. B` first.\nThen more.\n\nAnother.", "Set `a. B` first."),
        ("Values, e.g. Names, matter. Really.", "Values, e.g. Names, matter."),
        ("Version 1.2 is out; `x` is not. `y` is.", "Version 1.2 is out; `x` is not."),
    ],
)
def test_first_sentence(text: str, expected: str) -> None:
    assert first_sentence(text) == expected


def test_counting() -> None:
    assert [plural(n, "file") for n in (0, 1, 2, 1200)] == ["0 files", "1 file", "2 files", "1,200 files"]
    assert [enumeration(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_endpoint_sentence() -> None:
    counts = {"protected": 36, "public-by-nature": 3, "declared-public": 0, "unprotected": 1, "unresolved": 1}
    expected = "41 endpoints: 36 protected, 3 public by nature, 1 unprotected, 1 unresolved."
    assert endpoint_sentence(counts) == expected
    assert endpoint_sentence({}) == "No endpoints."


def test_headlines() -> None:
    shop = verdicts.verdict
    assert headline(shop()) == "Fails: 4 errors and 1 note in 2 files."
    assert headline(shop(findings=verdicts.FINDINGS[-1:])) == "Passes: 1 note in 1 file, 6 open questions."
    assert headline(shop(findings=(), questions=())) == "Passes: no findings."
    assert (
        headline(shop(findings=(), strict=True))
        == "Fails, as nothing may stay open (strict): 6 open questions."
    )
    unanalysed = shop(findings=(), questions=(), strict=True, frameworks=(verdicts.RAILS,))
    assert headline(unanalysed) == "Fails, as nothing may stay open (strict): Rails is not analysed."
    incomplete = shop(findings=(), problems=(verdicts.PROBLEM,))
    assert (
        headline(incomplete)
        == "Could not judge everything: 1 file cannot be read. Apart from that: no findings."
    )


def test_a_first_paragraph_announces_nothing_that_is_left_out() -> None:
    assert first_paragraph("Write a\ntest:\n\n```python\nx = 1\n```\n") == "Write a test."
    assert first_paragraph("One of:") == "One of:"


def test_the_blocks_of_a_text() -> None:
    text = "Write a\ntest:\n\n```python\nx = 1\n\ny = 2\n```\n\nThen\nrun it.\n\nAnd look.\n"

    assert blocks(text) == [
        (False, "Write a test:"),
        (True, "x = 1\n\ny = 2"),
        (False, "Then run it."),
        (False, "And look."),
    ]
