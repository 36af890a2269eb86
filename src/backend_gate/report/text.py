"""Words and characters shared by the reports for people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`“\"(])")
_NAME = re.compile(r"\w+[._/]\w|\w+\(")
_FENCED = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """Text from a judged repository, safe to print: what would move the cursor or hide is escaped.

    Control characters, line breaks, bidirectional overrides and lone surrogates become ``\\x1b``,
    ``\\u202e`` and so on; everything else stays.
    """
    if text.isprintable():
        return text
    return "".join(escape(character) if is_hidden(character) else character for character in text)


def is_hidden(character: str) -> bool:
    """Whether a character has no glyph of its own (a tab counts as hidden)."""
    return unicodedata.category(character) in _HIDDEN


def escape(character: str) -> str:
    """A character as Python writes it in a string."""
    return character.encode("unicode_escape").decode("ascii")


def plural(number: int, noun: str, many: str = "") -> str:
    """``1 file``, ``2 files``; ``many`` for a plural that is not ``noun + "s"``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {many or noun + 's'}"


def enumeration(words: Sequence[str], joint: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def sentence(text: str) -> str:
    """Text that begins with a capital and ends with a full stop, and is otherwise untouched.

    A name of code or of a file stays as it is.
    """
    text = text.strip()
    if not text:
        return ""
    start = text if _NAME.match(text) else text[0].upper() + text[1:]
    return start + ("" if text.endswith((".", "!", "?", ":")) else ".")


def first_paragraph(markdown: str) -> str:
    """What stands before the first empty line, on one line: the rest is for the page of a rule.

    What it announces with a colon is in the rest, so it ends with a full stop.
    """
    first, *rest = re.split(r"\n\s*\n", markdown.strip(), maxsplit=1)
    text = " ".join(first.split())
    return f"{text.removesuffix(':')}." if rest and text.endswith(":") else text


def blocks(markdown: str) -> list[tuple[bool, str]]:
    """The paragraphs of a text, each on one line, and the blocks of code between them; true for code."""
    found = []
    for number, part in enumerate(_FENCED.split(markdown.strip())):
        if number % 2:
            found.append((True, part.rstrip()))
        else:
            found += [(False, " ".join(text.split())) for text in re.split(r"\n\s*\n", part) if text.strip()]
    return found


def first_sentence(markdown: str) -> str:
    """The first sentence of a text, on one line. A full stop inside code ends none."""
    text = first_paragraph(markdown)
    for end in _SENTENCE_END.finditer(text):
        before = text[: end.start()]
        if before.count("`") % 2 == 0 and not before.endswith(("e.g.", "i.e.", "cf.")):
            return before
    return text


def one_line(text: str) -> str:
    """Text folded onto one line, safe to print."""
    return visible(" ".join(text.split()))


def path_text(path: str) -> str:
    """A path safe to print; unlike :func:`one_line` with every blank, so that it still names its file."""
    return visible(path)


def first(items: Iterable[str], limit: int) -> tuple[list[str], int]:
    """The first ``limit`` items, and how many are left out."""
    everything = list(items)
    return everything[:limit], max(0, len(everything) - limit)
