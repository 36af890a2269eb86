"""Vocabulary files that users write: read strictly, and every entry checked before anything uses it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from backend_gate.backend.sql.lattice import Origin
from backend_gate.backend.vocabulary_shape import check_shape
from backend_gate.errors import RuleFileError
from backend_gate.yaml_reader import MAX_CHARACTERS, YamlReadError, convert, read_mapping

_HINT = "docs/vocabulary.md says what can stand here."

Text = Annotated[str, msgspec.Meta(min_length=1)]
Texts = list[Text]
Map = dict[Text, Text]
Rest = Literal["rest"]
_POSITION = int | Rest


class _Strict(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    pass


class _Failure(_Strict):
    exception: Text
    of: Texts
    calls: Texts
    gives: Text | None = None


class _Class(_Strict):
    bases: Texts = []
    methods: Map = {}


class _Sink(_Strict):
    argument: _POSITION
    call: Text | None = None
    method: Text | None = None
    receivers: Texts = []
    keyword: Text | Texts | None = None
    parameters: _POSITION | None = None
    context: Text | None = None
    items: bool = False
    text: Literal["plain", "clause"] | None = None

    def __post_init__(self) -> None:
        if (self.call is None) == (self.method is None):
            raise ValueError("a sink has either `call` or `method`")
        if self.call is not None and self.receivers:
            raise ValueError("`receivers` belongs to `method`")


class _UntypedMethod(_Strict):
    method: Text
    argument: _POSITION
    keyword: Text | Texts | None = None
    parameters: _POSITION | None = None
    context: Text | None = None
    items: bool = False


class _Sanitizer(_Strict):
    origin: Origin
    calls: Texts = []
    methods: Texts = []
    attributes: Texts = []
    methods_of: dict[Text, Texts] = {}
    attributes_of: dict[Text, Texts] = {}
    types: Texts = []


class _ValueSource(_Strict):
    origin: Origin
    libraries: Texts = []
    reads: Texts = []
    names: Texts = []


class Tables(msgspec.Struct, kw_only=True):
    """The keys whose values are more than names."""

    raises: list[_Failure] = []
    classes: dict[Text, _Class | None] = {}
    sinks: list[_Sink] = []
    untyped_methods: list[_UntypedMethod] = []
    sanitizers: list[_Sanitizer] = []
    value_sources: list[_ValueSource] = []


PATTERNS = ("server_faults", "client_faults", "parsers", "outages", "error_libraries")
"""The keys that hold regular expressions."""


def read_vocabulary(path: Path) -> dict[str, Any]:
    """The entries of a user's file, as they stand there.

    Raises:
        RuleFileError: it cannot be read, is no YAML of the strict kind, or an entry is wrong; names file
            and line.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(4 * MAX_CHARACTERS + 1)
        document = read_mapping(data.decode("utf-8"))
        check_shape(path, document.value)
        convert(document, Tables)
    except OSError as error:
        raise RuleFileError(f"cannot be read: {error.strerror}", "Make it readable.", file=path) from error
    except UnicodeDecodeError as error:
        if len(data) > 4 * MAX_CHARACTERS:  # cut within a character
            raise RuleFileError(
                f"has more than {MAX_CHARACTERS:,} characters", "Split it.", file=path
            ) from None
        line = data.count(b"\n", 0, error.start) + 1
        raise RuleFileError("is not UTF-8", "Save it as UTF-8.", file=path, line=line) from error
    except YamlReadError as problem:
        raise RuleFileError(problem.message, _HINT, file=path, line=problem.line) from problem
    for key in PATTERNS:
        for number, pattern in enumerate(document.value.get(key, ())):
            try:
                re.compile(pattern)
            except re.error as error:
                message = f"`{pattern}` is no regular expression: {error.msg}"
                line = document.line_of((key, number))
                raise RuleFileError(message, "Correct it.", file=path, line=line) from error
    return document.value
