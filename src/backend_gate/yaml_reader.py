"""Reads a YAML mapping with the lines its parts stand on, strictly and within bounds.

YAML is read from its event stream, so that nothing is built which the text does not spell out: no
tags, no anchors and aliases, no duplicate keys, no second document, bounded size and depth. Plain
scalars mean what JSON would take them for (``true``, ``false``, ``null``, whole numbers); everything
else is text, so ``no`` and ``1.10`` stay what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import yaml

MAX_CHARACTERS = 256 * 1024
MAX_DEPTH = 12

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")

_ERROR_PATH = re.compile(r"^(?P<what>.*?)(?: - at `(?:key in )?\$(?P<path>[^`]*)`)?$", re.DOTALL)
_PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_QUOTED_FIELD = re.compile(r"(?:unknown|required) field `([^`]+)`")

Step = str | int
Path = tuple[Step, ...]
T = TypeVar("T")


class YamlReadError(Exception):
    """The text is not the YAML that is accepted here: what is wrong, and on which line (from 1)."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass
class Document:
    """A mapping and the line on which each of its parts starts, by path (``("examples", 0, "code")``)."""

    value: dict[str, Any]
    lines: dict[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """The line of the part at ``path``, or of the closest part around it that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def convert(document: Document, kind: type[T]) -> T:
    """The content of a document as a struct.

    Raises:
        YamlReadError: it does not fit; names the part and its line.
    """
    try:
        return msgspec.convert(document.value, kind)
    except msgspec.ValidationError as error:
        match = _ERROR_PATH.match(str(error))
        what, where = (match["what"], match["path"] or "") if match else (str(error), "")
        steps: list[Step] = [
            int(index) if index and index.isdigit() else name or index
            for name, index in _PATH_STEP.findall(where)
        ]
        if named := _QUOTED_FIELD.search(what):
            steps.append(named[1])
        message = _in_words(what) + (f" (in `{where.lstrip('.')}`)" if where else "")
        raise YamlReadError(message, document.line_of(tuple(steps))) from error


def _in_words(what: str) -> str:
    """msgspec's sentence in the words of somebody who writes YAML."""
    for theirs, ours in (
        ("Object contains unknown field", "unknown key"),
        ("Object missing required field", "missing key"),
        ("`array`", "a list"),
        ("`object`", "a mapping"),
        ("`str`", "text"),
        ("`int`", "a whole number"),
        ("`bool`", "true or false"),
        ("`null`", "nothing"),
    ):
        what = what.replace(theirs, ours)
    return what[:1].lower() + what[1:]


def read_mapping(text: str) -> Document:
    """Read ``text``, which has to be one mapping.

    Raises:
        YamlReadError: it is not, or it goes beyond what is accepted.
    """
    if len(text) > MAX_CHARACTERS:
        raise YamlReadError(f"the file is longer than {MAX_CHARACTERS} characters", 1)
    try:
        return _Builder(yaml.parse(text, Loader=_LOADER)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlReadError(
            f"not YAML: {error.problem or error.context}", mark.line + 1 if mark else 1
        ) from None
    except yaml.YAMLError as error:
        raise YamlReadError(f"not YAML: {str(error).splitlines()[0]}", 1) from None


class _Builder:
    """Turns events into values; recursion is bounded by ``MAX_DEPTH``."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = (event for event in events if not isinstance(event, yaml.StreamStartEvent))
        self._lines: dict[Path, int] = {}

    def document(self) -> Document:
        if not isinstance(next(self._events), yaml.DocumentStartEvent):
            raise YamlReadError("the file is empty", 1)
        first = next(self._events)
        if not isinstance(first, yaml.MappingStartEvent):
            raise YamlReadError("the file has to be a mapping of keys to values", _line(first))
        value = self._value(first, ())
        next(self._events)  # the end of the document
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise YamlReadError("the file holds a second document", _line(following))
        return Document(value, self._lines)

    def _value(self, event: Any, path: Path) -> Any:
        self._lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent):
            raise YamlReadError("aliases (*name) are not accepted: write the value out", _line(event))
        if event.anchor is not None:
            raise YamlReadError("anchors (&name) are not accepted: write the value out", _line(event))
        if event.tag is not None:
            raise YamlReadError(f"tags ({event.tag}) are not accepted", _line(event))
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if len(path) >= MAX_DEPTH:
            raise YamlReadError(f"nested more than {MAX_DEPTH} levels deep", _line(event))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise YamlReadError("a key has to be plain text", _line(event))
            if event.anchor is not None or event.tag is not None:
                raise YamlReadError("anchors and tags are not accepted on keys", _line(event))
            key = event.value
            if key in entries:
                raise YamlReadError(f"the key `{key}` stands here twice", _line(event))
            self._lines[(*path, key)] = _line(event)
            entries[key] = self._value(next(self._events), (*path, key))
        return entries


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


def _scalar(event: Any) -> str | bool | int | None:
    text: str = event.value
    if event.style:  # quoted, or a block: text as it stands
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return text
