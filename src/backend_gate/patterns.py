"""Patterns as in ``.gitignore``, with git's meaning to the letter.

pathspec judges a whole path at once, which loses idioms that repositories rely on (``*``, ``!*/``,
``!*.py``: everything but Python) and would hide files from the gate. git judges level by level: a folder
first, then what is in it.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable

import msgspec

_MAX_LENGTH = 1000
_MAX_PATTERNS = 5_000
_CLASSES = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": " \\t", "cntrl": "\\x00-\\x1f\\x7f", "digit": "0-9",
    "graph": "!-~", "lower": "a-z", "print": " -~", "punct": "!-/:-@\\[-`{-~", "space": "\\s",
    "upper": "A-Z", "xdigit": "0-9a-fA-F",
}  # fmt: skip


class _Pattern(msgspec.Struct, frozen=True):
    """``regex`` matches one path (a folder with a trailing ``/``); ``ignores`` is false after a ``!``."""

    regex: re.Pattern[str]
    ignores: bool


class Patterns:
    """An ordered list of patterns; the last that matches decides.

    Lines that git passes over (comments, empty lines, what can match nothing) are passed over, and so is
    what no person writes: lines of more than 1,000 characters, and more than 5,000 patterns. Files that
    they would have matched are judged, which is the safe side.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        found = (_parse(line) for line in lines)
        parsed = list(itertools.islice((each for each in found if each is not None), _MAX_PATTERNS))
        self._reversed = parsed[::-1]
        # One look for the usual answer: no pattern matches.
        self._any = re.compile("|".join(f"(?:{regex})" for regex, _ in parsed), re.DOTALL) if parsed else None

    @functools.cached_property
    def _patterns(self) -> list[_Pattern]:
        return [_Pattern(re.compile(regex, re.DOTALL), ignores) for regex, ignores in self._reversed]

    def __bool__(self) -> bool:
        return bool(self._reversed)

    def verdict(self, path: str) -> bool | None:
        """Whether this very file or folder (with a trailing ``/``) is matched: ``True``, ``False`` if by a
        pattern with ``!``, ``None`` if by none. The folders around it are not looked at."""
        if self._any is None or not self._any.match(path):
            return None
        return next(pattern.ignores for pattern in self._patterns if pattern.regex.match(path))

    def takes(self, path: str) -> bool:
        """Whether a file is matched, or a folder around it: nothing below a matched folder escapes."""
        position = path.find("/")
        while position >= 0:
            if self.verdict(path[: position + 1]):
                return True
            position = path.find("/", position + 1)
        return bool(self.verdict(path))


def is_pattern(line: str) -> bool:
    """Whether a line could ever match something."""
    return _parse(line) is not None


def _parse(line: str) -> tuple[str, bool] | None:
    """The regular expression of a line, and whether it ignores what it matches."""
    text = line.removesuffix("\n").removesuffix("\r")
    if text.startswith("#") or len(text) > _MAX_LENGTH:
        return None
    text = _without_trailing_spaces(text)
    ignores = not text.startswith("!")
    text = text.removeprefix("!")
    only_folders = text.endswith("/")
    text = text.removesuffix("/")
    anchored = "/" in text
    text = text.removeprefix("/")
    if not text:
        return None
    segments = _split(text)
    body = _translate(segments) if segments is not None else None
    if body is None:
        return None
    start = "" if anchored else "(?:.*/)?"
    # The slash that marks a folder is no part of what "*" may match.
    end = "(?<!/)/" if only_folders else "(?<!/)/?"
    return f"{start}{body}{end}\\Z", ignores


def _without_trailing_spaces(text: str) -> str:
    stripped = text.rstrip(" ")
    backslashes = len(stripped) - len(stripped.rstrip("\\"))
    return stripped + " " if backslashes % 2 and len(stripped) < len(text) else stripped


def _split(text: str) -> list[str] | None:
    """The parts of a pattern between slashes, of which those in ``[…]`` are none; ``None`` as below."""
    segments = [""]
    position = 0
    while position < len(text):
        end = position + 1
        if text[position] == "[":
            found = _class(text, end)
            if found is None:
                return None
            end = found[1]
        elif text[position] == "\\":
            end += 1
        piece = text[position:end]
        position = end
        if piece in ("/", "\\/"):
            segments.append("")
        else:
            segments[-1] += piece
    return segments


def _translate(segments: list[str]) -> str | None:
    """The regular expression of a glob; ``None`` if it can match nothing.

    A hostile pattern must not cost exponential time: what stands between two stars (or two double stars)
    is matched where it first fits, for good, in an atomic group. The next star takes up the rest, so that
    nothing is lost.
    """
    # "**/" crosses folders: chunks of segments between them, each with whether "**/" stands before it.
    chunks: list[tuple[bool, list[str]]] = [(False, [])]
    for position, segment in enumerate(segments):
        if segment != "**":
            body = _segment(segment)
            if body is None:
                return None
            chunks[-1][1].append(body)
        elif position == len(segments) - 1:
            chunks[-1][1].append(".+")
        elif not chunks[-1][1]:
            chunks[-1] = (True, [])
        else:
            chunks.append((True, []))
    *leading, (last_crosses, last) = chunks
    parts: list[str] = []
    for crosses, bodies in leading:
        joined = "/".join(bodies)
        parts.append(f"(?>(?:.*?/)??{joined}/)" if crosses else f"{joined}/")
    return "".join([*parts, "(?:.*/)?" if last_crosses else "", "/".join(last)])


def _segment(text: str) -> str | None:
    """The regular expression of what stands between two slashes."""
    pieces: list[list[str]] = [[]]
    position = 0
    while position < len(text):
        char = text[position]
        position += 1
        if char == "*":
            if pieces[-1] or len(pieces) == 1:  # one star says as much as several
                pieces.append([])
        elif char == "?":
            pieces[-1].append("[^/]")
        elif char == "[":
            found = _class(text, position)
            if found is None:
                return None
            piece, position = found
            pieces[-1].append(piece)
        elif char == "\\":
            if position == len(text):
                return None
            pieces[-1].append(re.escape(text[position]))
            position += 1
        else:
            pieces[-1].append(re.escape(char))
    first, *rest = ("".join(piece) for piece in pieces)
    if not rest:
        return first
    *middle, last = rest
    return "".join([first, *(f"(?>[^/]*?{piece})" for piece in middle), f"[^/]*{last}"])


def _class(text: str, position: int) -> tuple[str, int] | None:
    """A ``[…]`` from after its bracket, and the position after it; ``None`` if it does not end."""
    negated = text[position : position + 1] in ("!", "^")
    position += negated
    items: list[str] = []
    first = True
    while first or text[position : position + 1] != "]":
        first = False
        if position >= len(text):
            return None
        named = re.compile(r"\[:(\w+):\]").match(text, position)
        if named:
            if named[1] not in _CLASSES:
                return None
            items.append(_CLASSES[named[1]])
            position = named.end()
            continue
        low, position = _char(text, position)
        if low is None:
            return None
        if text[position : position + 1] == "-" and text[position + 1 : position + 2] not in ("", "]"):
            high, position = _char(text, position + 1)
            if high is None:
                return None
            if low <= high:
                items.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            items.append(re.escape(low))
    position += 1
    inner = "".join(items)
    if negated:
        return f"[^/{inner}]", position
    return (f"(?!/)[{inner}]" if inner else "(?!)"), position


def _char(text: str, position: int) -> tuple[str | None, int]:
    """One character of a class, unescaped, and the position after it."""
    if text[position] == "\\":
        position += 1
    if position >= len(text):
        return None, position
    return text[position], position + 1
