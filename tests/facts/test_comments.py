"""Which lines a comment of the gate is about."""

from __future__ import annotations

import pytest

from backend_gate.facts.comments import gate_comments

MARK = "# gate: x"


def lines(source: str) -> list[tuple[int, int, int]]:
    """Of each comment the line it stands on, and the first and last line that it is about."""
    return [(comment.span.line, comment.first, comment.last) for comment in gate_comments(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1  # gate: x\n", (1, 1, 1)),
        ("# gate: x\nx = 1\ny = 2\n", (1, 2, 2)),
        ("# gate: x\n\nx = 1\n", (1, 2, 2)),
        ("# gate: x\n# goes on\nx = 1\n", (1, 3, 3)),
        ("x = 1  # gate: x\n# other\ny = 1\n", (1, 1, 1)),
        ("x = f(  # gate: x\n    1,\n    2,\n)\ny = 1\n", (1, 1, 4)),
        ("# gate: x\nx = f(\n    1,\n)\n", (1, 2, 4)),
        ("x = f(\n    # gate: x\n    1,\n    2,\n)\n", (2, 3, 3)),
        ("x = f(\n    1,  # gate: x\n    2,\n)\n", (2, 2, 2)),
        ("x = f(\n    1,\n)  # gate: x\n", (3, 3, 3)),
        ("# gate: x\n@a\n@b(\n    1,\n)\ndef f(\n    p,\n): ...\n", (1, 2, 6)),
        ("@a  # gate: x\n@b(\n    1,\n)\ndef f(): ...\n", (1, 1, 1)),
        ("@a\n@b(  # gate: x\n    1,\n)\ndef f(): ...\n", (2, 2, 4)),
        ("@a\n# gate: x\n@b(\n    1,\n)\ndef f(): ...\n", (2, 3, 5)),
        ("@a\n# gate: x\ndef f(\n    p,\n): ...\n", (2, 3, 3)),
        ("def f(  # gate: x\n    p,\n    q,\n):\n    return 1\n", (1, 1, 1)),
        ("def f(\n    p,  # gate: x\n    q,\n): ...\n", (2, 2, 2)),
        ("# gate: x\nclass A(\n    B,\n):\n    y = 1\n", (1, 2, 2)),
        ("# gate: x\nif f(\n    1,\n):\n    y = 1\n", (1, 2, 4)),
        ("with f(  # gate: x\n    1,\n) as a:\n    y = 1\n", (1, 1, 3)),
        ("if a:\n    x = 1\nelse:  # gate: x\n    y = 1\n", (3, 3, 3)),
        ("try:  # gate: x\n    x = 1\nexcept E:\n    y = 1\n", (1, 1, 1)),
        ("def f():\n    # gate: x\n    return g(\n        1\n    )\n", (2, 3, 5)),
        ("def f():\n    return 1\n    # gate: x\n", (3, 4, 4)),
        ("x = 1; y = f(\n    1)  # gate: x\n", (2, 2, 2)),
        ("x = 1; y = f(  # gate: x\n    1)\n", (1, 1, 2)),
        ("x = 1  # noqa: E501  # gate: x\n", (1, 1, 1)),
        ('x = """\n# gate: no\n"""  # gate: x\n', (3, 3, 3)),
        ("x = 1\r\n# gate: x\r\ny = 1\r\n", (2, 3, 3)),
        ("x = 1\r# gate: x\ry = f(\r    1)\rz = 1\r", (2, 3, 4)),
        ("# gate: x", (1, 2, 2)),
        ("def f(:\n  x  # gate: x\n", (2, 2, 2)),
    ],
)
def test_a_comment_is_about_one_line_or_the_statement_that_begins_there(
    source: str, expected: tuple[int, int, int]
) -> None:
    assert lines(source) == [expected]


@pytest.mark.parametrize(
    "source", ['x = "# gate: x"\n', 'f"""\n# gate: x {y}\n"""\n', "# the gate: x\n", "x = 1  # gates: x\n"]
)
def test_what_only_looks_like_a_comment_of_the_gate(source: str) -> None:
    assert gate_comments(source) == []


def test_stacked_comments_are_about_the_same_line() -> None:
    assert lines("# gate: x\n# gate: y\nx = 1\n") == [(1, 3, 3), (2, 3, 3)]


def test_a_comment_knows_where_it_stands() -> None:
    (comment,) = gate_comments('é = "ü"  # noqa  # gate: é  \n')
    assert (comment.text, comment.span.column, comment.span.end_column) == ("# gate: é", 18, 27)
