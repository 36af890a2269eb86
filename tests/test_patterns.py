"""Patterns as in .gitignore. (That git agrees is shown in tests/discover/test_files.py.)"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.patterns import Patterns, is_pattern


@pytest.mark.parametrize(
    ("pattern", "matched", "unmatched"),
    [
        ("a.py", ["a.py", "x/a.py", "a.py/"], ["ba.py", "a.pyc"]),
        ("/a.py", ["a.py"], ["x/a.py"]),
        ("x/a.py", ["x/a.py"], ["y/x/a.py"]),
        ("a/", ["a/", "x/a/"], ["a"]),
        ("x/*", ["x/a", "x/a/"], ["x/", "x/a/b"]),
        ("x/**", ["x/a", "x/a/b"], ["x/", "x"]),
        ("**/a", ["a", "x/a", "x/y/a"], ["ba"]),
        ("x/**/a", ["x/a", "x/y/z/a"], ["x", "xa"]),
        ("a**b", ["ab", "axyb"], ["a/b"]),
        ("?.py", ["a.py"], [".py", "ab.py"]),
        ("[!a-c].py", ["d.py"], ["a.py"]),
        ("[]a]", ["]", "a"], ["b"]),
        ("[[:digit:]]", ["1"], ["a", ":"]),
        ("\\!a", ["!a"], ["a"]),
        ("\\#a", ["#a"], ["a"]),
        ("a\\ ", ["a "], ["a"]),
        ("a  ", ["a"], ["a  "]),
    ],
)
def test_what_a_pattern_matches(pattern: str, matched: list[str], unmatched: list[str]) -> None:
    patterns = Patterns([pattern])

    assert [path for path in matched if patterns.verdict(path) is not True] == []
    assert [path for path in unmatched if patterns.verdict(path) is not None] == []


@pytest.mark.parametrize("line", ["", "  ", "# note", "!", "/", "[a", "a\\", "[[:wrong:]]", "a" * 2000])
def test_what_is_no_pattern(line: str) -> None:
    assert not is_pattern(line)
    assert not Patterns([line])


def test_the_last_match_decides_and_nothing_escapes_a_matched_folder() -> None:
    patterns = Patterns(["app/*", "!app/keep/", "app/keep/secret.py", "!app/gone/x.py"])

    assert not patterns.takes("app/keep/x.py")
    assert patterns.takes("app/keep/secret.py")
    assert patterns.takes("app/gone/x.py")
    assert patterns.takes("app/y.py")


def test_everything_but_python() -> None:
    patterns = Patterns(["*", "!*/", "!*.py"])

    assert not patterns.takes("a/b/c.py")
    assert patterns.takes("a/b/c.txt")


@pytest.mark.parametrize(
    "pattern", ["*a" * 200 + "b", "**/a/" * 150 + "b", "[a]*?" * 100 + "x", "**/*a*a*a/" * 40 + "z"]
)
def test_a_hostile_pattern_comes_to_an_end(pattern: str) -> None:
    patterns = Patterns([pattern])

    assert patterns.verdict("a" * 250) is None
    assert patterns.verdict("a/" * 120 + "c.py") is None


@given(st.text("ab*?/[]", max_size=8), st.text("ab/", max_size=8))
def test_a_negated_pattern_matches_the_same(pattern: str, path: str) -> None:
    plain, negated = Patterns([pattern]).verdict(path), Patterns([f"!{pattern}"]).verdict(path)

    assert (plain, negated) in ((True, False), (None, None))
