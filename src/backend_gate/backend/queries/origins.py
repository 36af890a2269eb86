"""Where a value comes from: its place in the lattice of origins, in words, and the way it took.

Nothing is guessed. A value that nobody can place is *unknown*, which is neither a fault nor safe.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from backend_gate.backend.model import Place, Step
from backend_gate.backend.queries.words import Words
from backend_gate.backend.sql.lattice import Origin
from backend_gate.backend.sql.template import Hole
from backend_gate.backend.values import (
    STATEMENT,
    Alternatives,
    Class,
    ComposedText,
    Constant,
    Derived,
    External,
    Function,
    GivenUp,
    Input,
    Instance,
    ListedConstant,
    ListedSetting,
    Mapping,
    Repeated,
    Sequence,
    Setting,
    Slot,
    Text,
    TextValue,
    TypeApplication,
    Unknown,
    Value,
    alternatives,
    text_of,
)

if TYPE_CHECKING:
    from backend_gate.backend.queries.columns import Columns

MAX_DEPTH = 40
MAX_VALUES = 400
_KINDS = {
    "request": Origin.REQUEST_TAINTED,
    "stored": Origin.STORED,
    "configuration": Origin.CONFIGURATION,
    "coerced": Origin.COERCED,
    "allow-listed": Origin.ALLOW_LISTED,
}
_PLACEHOLDERS = re.compile(r"(?:\?\d*|%s|%\(\w+\)s|:\w+|@\w+|\$\d+|null|default|[\s,()])+", re.IGNORECASE)
_NEGATED = re.compile(r"(?:\[\^[^\]]{1,80}\]|\\W)[+*]?")
_WORD = re.compile(r"[\w.\-]*")
_SIGNS = "".join(chr(code) for code in range(32, 127))
_REQUEST = "backend_gate.request_"


class Provenance(NamedTuple):
    """Where a value comes from. ``place`` is where it enters, if known; ``reason`` says it in words.

    ``gave_up``: it is unknown because bounds ended the search, not because the code does not tell.
    """

    origin: Origin
    reason: str
    place: Place | None = None
    gave_up: bool = False

    @property
    def steps(self) -> list[Step]:
        """Where the value enters."""
        return [Step(self.place, self.reason)] if self.place is not None else []


class Origins:
    """Answers for one linked unit."""

    def __init__(self, words: Words, columns: Columns | None = None) -> None:
        """``columns`` knows what the columns of rows hold."""
        self.words = words
        self._columns = columns
        self._left = 0

    def of_hole(self, hole: Hole[Slot]) -> Provenance:
        """Where what stands in a text comes from."""
        if hole.coerced:
            return Provenance(Origin.COERCED, "it is formatted as a number or a date", hole.value.place)
        return self.of(hole.value.value)

    def of(self, value: Value) -> Provenance:
        """Where a value comes from; of several the worst."""
        self._left = MAX_VALUES
        return self._of(value, 0)

    def _of(self, value: Value, depth: int) -> Provenance:
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            return Provenance(Origin.UNKNOWN, "it is made of too many values to follow", gave_up=True)
        found = self._by_kind(value, depth)
        if found.origin is Origin.STORED and self._columns is not None and self._columns.holds_number(value):
            return Provenance(Origin.COERCED, "a number or the like of a row", found.place)
        return found

    def _by_kind(self, value: Value, depth: int) -> Provenance:
        match value:
            case ComposedText(setting=str(), template=template):
                return self._text(template, depth)
            case ListedConstant() | ListedSetting():
                name = value.name if isinstance(value, ListedSetting) else value.setting
                return Provenance(Origin.ALLOW_LISTED, f"the setting {name}, one of a fixed set")
            case Constant(value=int() | float(), setting=str() as setting):
                return Provenance(Origin.COERCED, f"the setting {setting}, which is a number")
            case Constant(setting=str() as setting):
                return Provenance(Origin.CONFIGURATION, f"the setting {setting}")
            case Constant():
                return Provenance(Origin.CONSTANT, "a constant")
            case Input(kind=kind, source=source):
                return Provenance(_KINDS.get(kind, Origin.UNKNOWN), source, value.place)
            case Setting():
                return Provenance(Origin.CONFIGURATION, value.reason, value.place)
            case Derived(sources=sources):
                return self._derived(value, sources, depth)
            case Repeated(shape=shape):
                return self._repeated(shape, depth)
            case Unknown():
                gave_up = isinstance(value, GivenUp)
                return Provenance(Origin.UNKNOWN, value.reason, value.place, gave_up)
            case Slot(value=inner):
                return self._of(inner, depth + 1)
            case TextValue(template=template):
                return self._text(template, depth)
            case Instance(cls=External(name=name)) if name.endswith(".json"):
                return Provenance(Origin.STORED, "another service's answer", value.place)
            case Alternatives(values=values):
                return self._worst(values, depth)
            case Sequence(items=items) if items:
                return self._worst(items, depth)
            case Mapping(entries=entries) if entries:
                return self._worst([v for _, v in entries.values()], depth)
            case Instance():
                return self._instance(value, depth)
            case External():
                return self._external(value.name, value.owner, [], None, depth)
            case TypeApplication(base=External() as base):  # an item of something a library holds
                return self._of(base, depth + 1)
            case Function() | Class():
                return Provenance(Origin.UNKNOWN, f"what {value.full_name} stands for as a text")
        return Provenance(Origin.UNKNOWN, "a value that is not followed")

    def _worst(self, values: Iterable[Value], depth: int) -> Provenance:
        found = [self._of(value, depth + 1) for value in values]
        return max(found, key=_badness, default=Provenance(Origin.LITERAL, "nothing"))

    def _derived(self, value: Derived, sources: tuple[Value, ...], depth: int) -> Provenance:
        found = self._worst(sources, depth)
        if found.origin is Origin.UNKNOWN and found.place is None and not found.gave_up:
            return Provenance(Origin.UNKNOWN, value.reason, value.place)
        return found

    def _text(self, template: Text, depth: int) -> Provenance:
        holes = [
            Provenance(Origin.COERCED, "a number") if hole.coerced else self._of(hole.value, depth + 1)
            for hole in template.holes
        ]
        return max(holes, key=_badness, default=Provenance(Origin.CONSTANT, "a constant"))

    def _repeated(self, shape: Text, depth: int) -> Provenance:
        if is_placeholder_list(shape):
            return Provenance(Origin.PLACEHOLDER_LIST, "a list of placeholders")
        return self._text(shape, depth)

    def _instance(self, value: Instance, depth: int) -> Provenance:
        if isinstance(value.cls, External):
            given = _given_to(value)
            if self._converts(value, value.cls):
                return Provenance(Origin.COERCED, "it was converted where it was read", value.place)
            if _leaves_words(value, value.cls):
                return Provenance(
                    Origin.ALLOW_LISTED, "all but letters, digits and the like was replaced", value.place
                )
            return self._external(value.cls.name, value.cls.owner, given, value.place, depth)
        if text_of(value) is not None:
            return Provenance(Origin.CONSTANT, f"a member of {value.cls.full_name}")
        fields = [v for name, v in value.attributes.items() if not name.startswith("__")]
        inputs: list[Value] = [v for v in fields if isinstance(v, Input)]
        if inputs and len(inputs) == len(fields):
            return self._worst(inputs, depth)
        return Provenance(Origin.UNKNOWN, f"an object of {value.cls.full_name} as a text", value.place)

    def _converts(self, value: Instance, method: External) -> bool:
        """``request.args.get("page", type=int)``"""
        kind = value.keywords.get("type")
        given = [*value.arguments[1:], *([kind] if kind is not None else [])]
        return method.name.rpartition(".")[2] in self.words.converting and any(
            isinstance(one, External) and self.words.by_call.get(one.name) is Origin.COERCED for one in given
        )

    # --- what libraries give ---------------------------------------------------------------------

    def _external(
        self, name: str, owner: Value | None, given: list[Value], place: Place | None, depth: int
    ) -> Provenance:
        words = self.words
        prefix, _, last = name.rpartition(".")
        known = words.by_call.get(name) or words.by_owner.get((prefix, last))
        if known is None and owner is not None:
            known = words.by_owner.get((prefix.rpartition(".")[2], last))
        if known is None and owner is not None:
            known = words.by_method.get(last)
            if known is None and last in words.numbers:
                known = Origin.COERCED
        if known is not None:
            return Provenance(known, f"what {name} gives", place)
        if any(segment in words.schema_attributes for segment in name.split(".")):
            return Provenance(Origin.SCHEMA_DERIVED, f"{name}, a name of the schema", place)
        if name.startswith(_REQUEST):
            return Provenance(Origin.REQUEST_TAINTED, "a part of the request", place)
        if name in words.pass_through:
            return self._worst([*given, *([owner] if owner is not None else [])], depth)
        if _describes_rows(name):
            return Provenance(Origin.SCHEMA_DERIVED, "the names of the columns that a cursor gives", place)
        for source in words.sources:
            if source.origin is Origin.UNKNOWN and _is_below(name, source.names):
                return Provenance(Origin.UNKNOWN, f"what {name} gives", place)
        if owner is not None and not isinstance(owner, (External, Class)):
            of_owner = self._of(owner, depth + 1)
            if of_owner.origin is not Origin.UNKNOWN and not _is_plain_object(owner, of_owner):
                return of_owner
        for source in words.sources:
            if _stems_from(name, source.libraries, source.reads, source.names):
                if source.origin is Origin.STORED and self._reads_catalogue(owner, given):
                    return Provenance(Origin.SCHEMA_DERIVED, "the database's own catalogue", place)
                return Provenance(source.origin, f"what {name} gives", place)
        if last in words.row_reads and self._reads_catalogue(owner, given):
            return Provenance(Origin.SCHEMA_DERIVED, "the database's own catalogue", place)
        return Provenance(Origin.UNKNOWN, f"what {name} gives", place)

    def _reads_catalogue(self, owner: Value | None, given: list[Value], depth: int = 0) -> bool:
        """The statement whose rows these are asks the database about its tables."""
        for one in given:
            text = " ".join(_known_parts(one)).lower()
            if text and any(word in text for word in self.words.catalogues):
                return True
            if isinstance(one, Instance) and isinstance(one.cls, External) and depth < 8:
                if self._reads_catalogue(one.cls.owner, _given_to(one), depth + 1):
                    return True
        if isinstance(owner, Instance) and isinstance(owner.cls, External) and depth < 8:
            return self._reads_catalogue(owner.cls.owner, _given_to(owner), depth + 1)
        return False


def _known_parts(value: Value) -> Iterator[str]:
    """What is known of a text: its literal pieces, and what can stand in its holes."""
    for one in value.parts if isinstance(value, TextValue) else (value,):
        for piece in [one] if isinstance(one, str) else map(text_of, alternatives(one)):
            if piece is not None:
                yield piece


def _given_to(made: Instance) -> list[Value]:
    """What the call was given that has made an object; of rows, the statement that their cursor had run as well."""
    return [*made.arguments, *made.keywords.values(), *filter(None, [made.attributes.get(STATEMENT)])]


def _leaves_words(value: Instance, function: External) -> bool:
    """``re.sub(r"[^a-z0-9_]", "_", x)``: what comes out holds no quote, blank or other sign of SQL."""
    given = value.arguments
    if function.name == "re.compile.sub" and isinstance(function.owner, Instance):
        given = [*function.owner.arguments[:1], *given]
    elif function.name != "re.sub":
        return False
    known = [one.value for one in given[:2] if isinstance(one, Constant) and isinstance(one.value, str)]
    if len(known) < 2 or not _NEGATED.fullmatch(known[0]):
        return False
    try:
        return _WORD.fullmatch(re.sub(known[0], known[1], _SIGNS)) is not None
    except (re.error, IndexError):
        return False


def _badness(provenance: Provenance) -> tuple[int, bool]:
    """What the code leaves open is worse than what was not followed."""
    return provenance.origin.rank, not provenance.gave_up


def _is_plain_object(owner: Value, of_owner: Provenance) -> bool:
    """What an object was made with is not what its methods give: ``Client(settings.url).fetch()``."""
    return of_owner.origin is Origin.CONFIGURATION and isinstance(owner, Instance)


def _describes_rows(name: str) -> bool:
    """``cursor.description`` of PEP 249, or a part of it; a row may have a column of that name."""
    owner, found, _ = name.partition(".description")
    last = owner.rpartition(".")[2]
    return bool(found) and (last == "execute" or last.lower().endswith("cursor"))


def _is_below(name: str, names: Iterable[str]) -> bool:
    """``flask.request.args`` is below ``flask.request``."""
    return any(name == one or name.startswith(one + ".") for one in names)


def _stems_from(name: str, libraries: frozenset[str], reads: frozenset[str], names: tuple[str, ...]) -> bool:
    if _is_below(name, names):
        return True
    segments = name.split(".")
    return segments[0] in libraries and any(segment in reads for segment in segments[1:])


def is_placeholder_list(shape: Text) -> bool:
    """``?, ?``, ``%s``, ``:name``, ``$1``: nothing that could be anything else; names may be numbered."""
    pieces = "".join(part if isinstance(part, str) else "0" for part in shape.parts)
    numbered = all(_is_numbered(hole) for hole in shape.holes)
    return bool(pieces.strip()) and numbered and _PLACEHOLDERS.fullmatch(pieces) is not None


def _is_numbered(hole: Hole[Slot]) -> bool:
    value = hole.value.value
    return (
        hole.coerced or isinstance(value, Constant) or (isinstance(value, Input) and value.kind == "coerced")
    )
