"""The vocabulary of SQL and of provenance, made ready for looking things up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend_gate.backend.sql.lattice import Origin

if TYPE_CHECKING:
    from backend_gate.backend.vocabulary import Vocabulary


@dataclass(frozen=True)
class Sink:
    """An argument that runs as SQL.

    ``argument`` is its position, ``None`` for every positional argument; ``keywords`` are its names; ``context`` as for
    :func:`backend_gate.backend.sql.statement.positions`. ``items``: it is a list or dict of such texts.
    ``only_text``: nothing but a text can stand there.
    """

    argument: int | None
    keywords: tuple[str, ...] = ()
    context: str = "statement"
    items: bool = False
    only_text: bool = False


@dataclass(frozen=True)
class MethodSink:
    """A sink that is a method of some classes."""

    receivers: frozenset[str]
    sink: Sink


@dataclass(frozen=True)
class Source:
    """Library values of one origin: by the root of the name and what was called on the way."""

    origin: Origin
    libraries: frozenset[str]
    reads: frozenset[str]
    names: tuple[str, ...]


_BY_KEYWORD_ONLY = 1_000
"""A position that no argument has."""
_BUILDERS = frozenset({"sqlalchemy.Select", "sqlalchemy.orm.Query", "django.db.models.QuerySet"})
"""Their methods give another of the same."""
CONSTRUCTS = ("sqlalchemy.", "sqlmodel.", "flask_sqlalchemy.", "databases.", "alembic.", "psycopg.")
"""What runs a text there also runs what is no text."""


class Words:
    """What names mean for SQL. One for each vocabulary (see :func:`words_of`)."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.calls: dict[str, list[Sink]] = {}
        self.methods: dict[str, list[MethodSink]] = {}
        self.untyped: dict[str, Sink] = {}
        for entry in vocabulary.extra.get("sinks", []):
            self._add_sink(entry)
        for entry in vocabulary.extra.get("untyped_methods", []):
            self.untyped[entry["method"]] = _sink(entry, only_text=False)
        self.builders = {e["method"]: _sink(e, only_text=False) for e in _all(vocabulary, "untyped_builders")}
        self.database_names = frozenset(vocabulary.extra.get("database_names", []))
        self.client_side = tuple(f"{name}." for name in vocabulary.extra.get("client_side_parameters", []))
        self.builder_names = frozenset(vocabulary.extra.get("builder_names", []))
        self.keywords: dict[str, list[Sink]] = {}
        for entry in _all(vocabulary, "untyped_keywords"):
            self.keywords.setdefault(entry["method"], []).append(_sink(entry, only_text=True))
        called = (name.rpartition(".")[2] for name in self.calls)
        self.names = frozenset([*called, *self.methods, *self.untyped, *self.builders, *self.keywords])
        self.by_call: dict[str, Origin] = {}
        self.by_method: dict[str, Origin] = {}
        self.by_owner: dict[tuple[str, str], Origin] = {}
        for entry in vocabulary.extra.get("sanitizers", []):
            self._add_sanitizer(entry)
        self.schema_attributes = frozenset(vocabulary.extra.get("schema_attributes", []))
        of_start_up = Source(
            Origin.UNKNOWN, frozenset(), frozenset(), tuple(vocabulary.extra.get("application_state", []))
        )
        self.sources = [of_start_up, *map(_source, vocabulary.extra.get("value_sources", []))]
        self.row_reads = frozenset(
            read for source in self.sources if source.origin is Origin.STORED for read in source.reads
        )
        passing = [*vocabulary.extra.get("pass_through", []), *vocabulary.extra.get("composers", [])]
        self.pass_through = frozenset(passing)
        filters = _all(vocabulary, "document_filters")
        self.document_stores = frozenset(vocabulary.extra.get("document_stores", []))
        self.typed_filters = frozenset(name for entry in filters for name in entry["typed"])
        self.filters = frozenset(name for entry in filters for name in entry["others"])
        self.row_classes = frozenset(vocabulary.extra.get("row_classes", []))
        self.sorting = frozenset(vocabulary.extra.get("sorting", []))
        self.choosing = frozenset({"getattr"}) | self.sorting | self.filters | self.typed_filters
        self.speech = frozenset(vocabulary.extra.get("speech", []))
        self.web_libraries = frozenset(vocabulary.extra.get("web_libraries", []))
        self.unrouted_libraries = self.web_libraries - set(vocabulary.extra.get("routed_libraries", []))
        self.request_parameters = frozenset(vocabulary.extra.get("request_parameters", []))
        self.event_parameters = [tuple(names) for names in vocabulary.extra.get("event_parameters", [])]
        self.converting = frozenset(vocabulary.extra.get("converting", []))
        self.typed_columns = frozenset(vocabulary.extra.get("typed_columns", []))
        self.numbers = frozenset(vocabulary.extra.get("numbers", []))
        self.catalogues = tuple(name.lower() for name in vocabulary.extra.get("catalogues", []))

    def _add_sink(self, entry: dict[str, Any]) -> None:
        if "call" in entry:
            name = entry["call"]
            self.calls.setdefault(name, []).append(_sink(entry, only_text=True))
            return
        receivers: list[str] = entry["receivers"]
        for only_text in (False, True):
            chosen = frozenset(r for r in receivers if r.startswith(CONSTRUCTS) is not only_text)
            if chosen:
                found = MethodSink(chosen, _sink(entry, only_text=only_text))
                self.methods.setdefault(entry["method"], []).append(found)

    def _add_sanitizer(self, entry: dict[str, Any]) -> None:
        origin = Origin(entry["origin"])
        self.by_call.update((name, origin) for name in entry.get("calls", ()))
        self.by_method.update((name, origin) for name in entry.get("methods", ()))
        for key in ("methods_of", "attributes_of"):
            for owner, names in entry.get(key, {}).items():
                self.by_owner.update(((owner, name), origin) for name in names)

    def fills_on_client(self, name: str, *, typed: bool) -> bool:
        """The sink puts the values beside a text into it itself, or may: nobody knows whose method it is."""
        return not typed or name.startswith(self.client_side)

    def sinks(self, name: str, *, is_method: bool) -> list[Sink]:
        """The sinks that calling a library's name is; ``is_method``: it was read from an object."""
        found = list(self.calls.get(name, ()))
        owner, _, method = name.rpartition(".")
        if is_method or owner:
            entries = self.methods.get(method, ())
            found += [e.sink for e in entries if owner in e.receivers or _is_builder(owner, e.receivers)]
        return found


def _is_builder(owner: str, receivers: Iterable[str]) -> bool:
    return any(owner.startswith(receiver + ".") for receiver in receivers if receiver in _BUILDERS)


def _all(vocabulary: Vocabulary, key: str) -> list[dict[str, Any]]:
    return vocabulary.extra.get(key, [])


def _sink(entry: dict[str, Any], *, only_text: bool) -> Sink:
    argument = entry.get("argument", _BY_KEYWORD_ONLY)
    return Sink(
        None if argument == "rest" else int(argument),
        _names(entry.get("keyword", ())),
        entry.get("context", "statement"),
        bool(entry.get("items", False)),
        only_text,
    )


def _names(given: str | list[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _source(entry: dict[str, Any]) -> Source:
    return Source(
        Origin(entry["origin"]),
        frozenset(entry.get("libraries", ())),
        frozenset(entry.get("reads", ())),
        tuple(entry.get("names", ())),
    )
