"""The keys of a vocabulary file and what their values look like; docs/vocabulary.md says what they mean."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend_gate.errors import RuleFileError


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list_of(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def _is_mapping_to(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, dict) and all(_is_text(key) and check(item) for key, item in value.items())
    )


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_text(key) for key in value)


_TEXT = ("a text", _is_text)
_NAMES = ("a list of names", _is_list_of(_is_text))
TABLES = ("a list of tables", _is_list_of(_is_table))
_NAME_TO_NAME = ("a table from a name to a name", _is_mapping_to(_is_text))
_NAME_TO_LIST = ("a table from a name to a list", _is_mapping_to(lambda value: isinstance(value, list)))
_NAME_LISTS = ("a list of lists of names", _is_list_of(_is_list_of(_is_text)))
_CLASSES = (
    "a table from a class to its bases and methods",
    _is_mapping_to(lambda v: v is None or _is_table(v)),
)

SHAPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "library": _TEXT,
    "classes": _CLASSES,
    "event_parameters": _NAME_LISTS,
    "manual_escapes": _NAME_TO_LIST,
    **dict.fromkeys(("aliases", "calls", "failures", "integrity_errors", "markers"), _NAME_TO_NAME),
    **dict.fromkeys(("produces", "results"), _NAME_TO_NAME),
    **dict.fromkeys(("raises", "sanitizers", "sinks", "untyped_methods", "value_sources"), TABLES),
    **dict.fromkeys(
        (
            *(
                "answered",
                "applications",
                "body_conversions",
                "body_neutral",
                "body_outbound",
                "body_protocols",
            ),
            "catalogues",
            "application_state",
            "schema_attributes",
            "typed_columns",
            *("body_serialisers", "body_signatures", "body_stores", "body_tests", "body_validators"),
            *(
                "client_faults",
                "composers",
                "enums",
                "error_libraries",
                "fields",
                "guards",
            ),
            *(
                "aggregates",
                "class_lookups",
                "demands",
                "either",
                "lookups",
                "queries",
                "query_lookups",
                "row_takers",
            ),
            *("imports", "request_parameters", "web_libraries"),
            *(
                "models",
                "numbers",
                "outages",
                "parsers",
                "pass_through",
                "plain",
                "provided",
                "routers",
                "injected",
            ),
            *(
                "server_faults",
                "services",
                "settings",
                "suppressing",
                "acting",
                "opening",
                "transient",
                "uploads",
                "web_libraries",
            ),
        ),
        _NAMES,
    ),
}


def check_shape(path: Path, data: dict[Any, Any]) -> None:
    """Refuse what is no vocabulary.

    Raises:
        RuleFileError: a key does not exist, or its value has the wrong form.
    """
    for key, value in data.items():
        if key not in SHAPES:
            near = difflib.get_close_matches(str(key), SHAPES, 1)
            advice = f"did you mean {near[0]}?" if near else "docs/vocabulary.md lists the keys"
            raise RuleFileError(f"a vocabulary has no key {key}", advice, file=path, line=_line(path, key))
        form, check = SHAPES[key]
        if not check(value):
            raise RuleFileError(f"{key} has to be {form}", "correct it", file=path, line=_line(path, key))


def _line(path: Path, key: Any) -> int | None:
    """The line on which a key of the outermost table stands."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((n for n, text in enumerate(lines, 1) if text.startswith(f"{key}:")), None)
