"""Refuses code that would exhaust the parser, before the parser sees it.

libcst recurses for every bracket, block, ``elif``, operator and adjacent string: some thousands of
them end the process, and a sum of ten thousand terms takes half a minute. One pass over the tokens
weighs how deep the parser would go at every place. The weight is an upper bound made without a
grammar: operators on one level of brackets count as if each nested in the one before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_gate.facts.positions import Cursor
from backend_gate.facts.source import UnreadableError

#: CPython's own limits for brackets and for blocks.
MAX_BRACKETS = 200
MAX_BLOCKS = 100
#: How deep the parser may go at one place, in links of a chain.
MAX_WEIGHT = 2_000
# A bracket and a block take the parser through about this many times the frames of an operator.
_bracket_weight = 5

# Names, numbers and colons nest nothing and are not looked at. A line end takes blank lines and
# lines of comment with it, up to the indentation of the next line of code.
_tokens = re.compile(
    r"""\#[^\r\n]*
    |\\(?:\r\n?|\n)
    |(?:\r\n?|\n)(?:[ \t\f]*(?:\#[^\r\n]*)?(?:\r\n?|\n))*[ \t\f]*(?:elif\b)?
    |[A-Za-z]{0,2}(?:\"\"\"(?:[^"\\]|\\.|"(?!""))*(?:\"\"\")?|'''(?:[^'\\]|\\.|'(?!''))*(?:''')?)
    |[A-Za-z]{0,2}(?:"(?:[^"\\\r\n]|\\.)*"?|'(?:[^'\\\r\n]|\\.)*'?)
    |[(\[{]|[)\]}]|,
    |[-+*/%@&|^<>=!~.]+
    |\b(?:and|await|else|if|in|is|lambda|not|or)\b
    """,
    re.VERBOSE | re.DOTALL,
)
_formatted = re.compile(r"[A-Za-z]?[fFtT]")


def check_bounds(text: str) -> None:
    """Return if ``text`` is safe to parse.

    Raises:
        UnreadableError: it nests deeper than the limits of this module; says where.
    """
    found = _first_excess(_tokens.findall(text))
    if found is None:
        return
    index, message = found
    for number, match in enumerate(_tokens.finditer(text)):
        if number == index:
            raise UnreadableError(message, *Cursor(text).line_and_column(match.start()))


def _first_excess(tokens: Sequence[str]) -> tuple[int, str] | None:
    """The index of the first token that is too deep, and what is wrong there."""
    brackets: list[int] = []  # the weight in front of each open bracket
    blocks: list[tuple[int, int, int]] = []  # indentation, base weight and elifs of the blocks around
    indentation = base = branches = 0  # of the block we are in
    floor = weight = 0
    follows_formatted = False
    for index, token in enumerate(tokens):
        first = token[0]
        if first in "([{":
            brackets.append(weight)
            weight += _bracket_weight
            if len(brackets) > MAX_BRACKETS:
                return index, f"more than {MAX_BRACKETS} brackets inside each other"
        elif first in ")]}":
            if brackets:
                weight = brackets.pop() + 1
            continue
        elif first == ",":
            weight = brackets[-1] + _bracket_weight if brackets else floor
            continue
        elif first in "\r\n":
            if brackets:
                continue
            follows_formatted = False
            is_branch = token.endswith("elif")
            width = len(token) - max(token.rfind("\n"), token.rfind("\r")) - (5 if is_branch else 1)
            if width > indentation:
                blocks.append((indentation, base, branches))
                if len(blocks) > MAX_BLOCKS:
                    return index, f"more than {MAX_BLOCKS} blocks inside each other"
                indentation, base, branches = width, floor + _bracket_weight, 0
            else:
                while width < indentation and blocks:
                    indentation, base, branches = blocks.pop()
                branches = branches + 1 if is_branch else 0
            weight = floor = base + branches
        elif first in "\"'" or token[-1] in "\"'":
            weight += 1
            # A quote inside an f-string can make code look like text and text like code.
            if _formatted.match(token):
                follows_formatted = True
            if follows_formatted and len(token) > 3:
                inner = _first_excess(_tokens.findall(token, 1 + token.find(token[-1])))
                if inner is not None:
                    return index, inner[1]
        elif first in "#\\":
            continue
        else:
            weight += 1 if first.isalpha() else len(token)
        if weight > MAX_WEIGHT:
            return index, f"more than {MAX_WEIGHT} operators, brackets or branches inside each other"
    return None
