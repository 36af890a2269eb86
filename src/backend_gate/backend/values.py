"""The abstract values that the interpreter computes with.

A value stands for what a name may hold when the judged program runs. Nothing here is a real object of
that program. Values compare by identity; :func:`key_of` gives the key under which a value is found in
an abstract dict, set or cache.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from backend_gate.backend.model import Condition, Place
from backend_gate.backend.sql.template import Template
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.modules import ModuleState

MAX_ALTERNATIVES = 8
_NUMBERS = itertools.count()


class Value:
    """Base of all abstract values."""

    __slots__ = ()


class Unknown(Value):
    """Nothing is known; ``reason`` says why in words for the user, ``place`` where that happened."""

    __slots__ = ("place", "reason")

    def __init__(self, reason: str, place: Place | None = None) -> None:
        self.reason = reason
        self.place = place

    def __repr__(self) -> str:
        return f"Unknown({self.reason})"


class Input(Unknown):
    """A value from outside the program: ``source`` names it for the user.

    ``kind`` is its provenance: ``request`` (free text or data of a request), ``coerced`` (of a request, validated
    to a number, date, UUID, enumeration …), ``stored`` (a row, a third party's response), ``configuration``,
    ``unknown`` (put there by other code for the length of a request).
    Whatever is read from it is the same. ``given``: it is never ``None``; a request without it is turned away.
    """

    __slots__ = ("given", "kind", "source")

    def __init__(self, kind: str, source: str, place: Place | None = None, *, given: bool = False) -> None:
        super().__init__(source, place)
        self.kind = kind
        self.source = source
        self.given = given

    def __repr__(self) -> str:
        return f"Input({self.kind}: {self.source})"


class OptionalInput(Input):
    """An input that is ``None`` where the client leaves it out."""

    __slots__ = ()


class ObjectInput(Input):
    """An input that is an object of one of several models of the project: it has methods of its own."""

    __slots__ = ()


class BodyOrigin:
    """One body of a request: a parameter of an open type, or a call that reads the request.

    ``place`` is where it stands in the handler or dependency; ``kind`` is ``parameter``, ``json``, ``form`` or
    ``bytes``; ``reads`` are the calls on the way to the one that reads, outermost first. ``named``: ``name`` is
    what the handler calls it. ``home`` is the function that reads it, or calls the one that does.
    """

    __slots__ = ("home", "kind", "name", "named", "place", "reads")

    def __init__(
        self, kind: str, name: str, place: Place, reads: tuple[Place, ...] = (), home: str = ""
    ) -> None:
        self.kind = kind
        self.name = name
        self.place = place
        self.reads = reads
        self.named = False
        self.home = home


class HeaderName(Input):
    """The name of any header of a request without credentials: it is not that of a credential."""

    __slots__ = ()


class BodyParts:
    """What is known of the parts of a body, or of a part of it, by their keys, however often it is read.

    ``typed``: a test has shown the type; whether it is one that is no dict or list, so that nothing is left open.
    ``own`` is what this backend has put there itself, and the conditions under which it did; ``gone`` are the keys
    that it has taken out; ``below`` is the same of the parts.
    """

    __slots__ = ("below", "gone", "own", "typed")

    def __init__(self) -> None:
        self.typed: dict[str, bool] = {}
        self.own: dict[str, tuple[Value, tuple[Condition, ...]]] = {}
        self.gone: set[str] = set()
        self.below: dict[str, BodyParts] = {}


class BodyInput(Input):
    """The content of a body that nothing has checked, or a part of it; ``parent`` is what it is a part of.

    ``key`` says which part (a key, an attribute, ``[]`` for an item). ``raw``: bytes or text that nobody has
    parsed yet. ``spare``: it is used only where the query, path or headers do not say the same. ``taken``: it is no
    longer in the whole (``pop``). ``tested``: a condition looks at it; ``refused``: one that raises where it does
    not like it. ``typed``: a test has shown of which type it is; ``plain``: one that is no dict or list;
    ``told_apart``: where it is one, another value stands for it. ``amended``: code that was not
    followed to its end may have put something of its own into it. ``listed``: it stands for each of the values there
    (``items()``, ``values()``).
    """

    __slots__ = (
        "amended",
        "key",
        "listed",
        "origin",
        "parent",
        "parts",
        "plain",
        "raw",
        "refused",
        "spare",
        "taken",
        "tested",
        "told_apart",
        "typed",
    )

    ITEM = "[]"

    def __init__(
        self,
        origin: BodyOrigin,
        parent: BodyInput | None = None,
        key: str = "",
        place: Place | None = None,
        *,
        raw: bool = False,
    ) -> None:
        super().__init__("request", "the request's body", place or origin.place)
        self.origin = origin
        self.parent = parent
        self.key = key
        self.raw = raw
        self.spare = False
        self.taken = False
        self.tested = False
        self.refused = False
        self.typed = False
        self.plain = False
        self.told_apart = False
        self.amended = False
        self.listed = False
        self.parts = BodyParts()

    def part(self, key: str, place: Place | None = None) -> BodyInput:
        """A part of it."""
        found = BodyInput(self.origin, self, key, place)
        found.plain = self.plain or self.parts.typed.get(key, False)
        found.typed = found.plain or key in self.parts.typed
        found.amended = self.amended
        if key != self.ITEM:
            found.parts = self.parts.below.setdefault(key, found.parts)
        return found

    def each(self, place: Place | None = None) -> BodyInput:
        """Any of the values in it."""
        found = self.part(self.ITEM, place)
        found.listed = True
        return found

    def of_type(self, *, plain: bool) -> BodyInput:
        """The same where a test has shown of which type it is."""
        found = copy.copy(self)
        found.typed, found.plain = True, plain
        self.told_apart = self.told_apart or plain
        return found

    def as_amended(self) -> BodyInput:
        """The same after code that was not followed to its end has worked on it."""
        found = copy.copy(self)
        found.amended = True
        return found

    def __repr__(self) -> str:
        return f"BodyInput({self.origin.name}{'.' + self.key if self.key else ''})"


class Absent(Unknown):
    """A credential that the request does not carry. It is false, and what is derived from it is absent too."""

    __slots__ = ()


class Nothing(Absent):
    """A credential that is read as ``None``: it has no attributes."""

    __slots__ = ()


class Empty(Absent):
    """A credential in whose place an empty text is read."""

    __slots__ = ()


class Present(Unknown):
    """Something of which a test says that it is not ``None``; ``true``: nor anything else that is false.

    ``origin`` is the value as it was before the test.
    """

    __slots__ = ("origin", "true")

    def __init__(self, origin: Unknown, *, true: bool = False) -> None:
        super().__init__(origin.reason, origin.place)
        self.origin = origin
        self.true = true


class Unpassed(Unknown):
    """A parameter with a default that is perhaps given one of several unknown arguments."""

    __slots__ = ()


class Setting(Unknown):
    """A setting whose value is not known; ``name`` as the user would look for it.

    ``default`` is the object of the project that it is unless somebody sets it: a member of an enumeration.
    """

    __slots__ = ("default", "name")

    def __init__(self, name: str, place: Place | None = None, default: Value | None = None) -> None:
        super().__init__(f"the setting {name}", place)
        self.name = name
        self.default = default


class ListedSetting(Setting):
    """A setting of which the code has made sure that it is one of a fixed set."""

    __slots__ = ()


class Derived(Unknown):
    """Made of other values in a way that is not followed: no better than the worst of ``sources``.

    ``part``: it is the attribute or item of this name, or at this position, of its only source.
    """

    __slots__ = ("part", "sources")

    def __init__(
        self,
        reason: str,
        sources: tuple[Value, ...],
        place: Place | None = None,
        part: str | int | None = None,
    ) -> None:
        super().__init__(reason, place)
        self.sources = sources
        self.part = part

    def __repr__(self) -> str:
        return f"Derived({self.reason}: {self.sources!r})"


class GivenUp(Unknown):
    """What a call of the project would give that was not followed: bounds ended it, nothing in the code."""

    __slots__ = ()


class Asked(Unknown):
    """What code that is not followed makes of a request or of its credential; ``name`` is what was asked."""

    __slots__ = ("name",)

    def __init__(self, name: str, place: Place | None = None) -> None:
        super().__init__(f"what {name} makes of the request", place)
        self.name = name


class Tested(Unknown):
    """A truth value that is not known: ``sources`` are what was tested."""

    __slots__ = ("sources",)

    def __init__(self, reason: str, sources: tuple[Value, ...]) -> None:
        super().__init__(reason)
        self.sources = sources


class Repeated(Unknown):
    """A text joined of an unknown number of pieces; ``shape`` has two of them, or those that are known."""

    __slots__ = ("shape",)

    def __init__(self, shape: Text, place: Place | None = None) -> None:
        super().__init__("a text joined of unknown pieces", place)
        self.shape = shape


class Constant(Value):
    """A known scalar. ``setting`` names the setting whose default this is, if it can be configured."""

    __slots__ = ("setting", "value")

    def __init__(self, value: Any, setting: str | None = None) -> None:
        self.value = value
        self.setting = setting

    def __repr__(self) -> str:
        return f"Constant({self.value!r}{', setting=' + self.setting if self.setting else ''})"


class ListedConstant(Constant):
    """The default of a setting of which the code has made sure that it is one of a fixed set."""

    __slots__ = ()


NONE = Constant(None)
TRUE = Constant(True)
FALSE = Constant(False)
ELLIPSIS = Constant(Ellipsis)


ASKED = "__asked__"
"""The attribute of a cursor that holds the statement which it has run last."""
STATEMENT = "__statement__"
"""The attribute of rows that holds the statement which their cursor had run when it gave them."""
WHOLE_PATH = ":path"
"""How a placeholder of a route ends that stands for any number of segments."""


class Questions:
    """What a run has asked of one text: each question with its answer, in order.

    Two texts that answer all of them alike lead to the same run.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[Callable[[str], object], object]] = []

    def ask(self, question: Callable[[str], object], answer: object) -> None:
        """Note a question."""
        self.asked.append((question, answer))

    def are_answered_alike(self, text: str) -> bool:
        """The text answers as the one of the run has."""
        return all(_answer(question, text) == answer for question, answer in self.asked)


def _answer(question: Callable[[str], object], text: str) -> object:
    try:
        return question(text)
    except (TypeError, ValueError, IndexError):
        return _NO_ANSWER


_NO_ANSWER = object()


class AskedText(Constant):
    """A known text that notes what is asked of it: the path of a request, or a text that is made of it.

    ``make`` makes it of the whole. Code that only knows constants reads ``value``, which asks for all of the text;
    code that knows better asks ``is_so`` or goes on with ``part``, and learns the text by ``seen`` only to do so.
    """

    __slots__ = ("make", "questions", "seen")

    def __init__(self, seen: str, questions: Questions, make: Callable[[str], Any] = str) -> None:
        self.seen = seen
        self.questions = questions
        self.make = make
        self.setting = None

    @property
    def value(self) -> Any:
        """The text, asked for as a whole."""
        self.questions.ask(self.make, self.seen)
        return self.seen

    @value.setter
    def value(self, value: Any) -> None:
        raise AttributeError(f"a text that is asked does not become {value!r}")

    def is_so(self, question: Callable[[str], Any]) -> Any:
        """The answer to a question about the text."""
        make, answer = self.make, question(self.seen)
        self.questions.ask(lambda whole: question(make(whole)), answer)
        return answer

    def part(self, change: Callable[[str], str]) -> AskedText:
        """A text that is made of this one."""
        make = self.make
        return AskedText(change(self.seen), self.questions, lambda whole: change(make(whole)))

    def __repr__(self) -> str:
        return f"AskedText({self.seen!r})"


def ask(text: Constant, question: Callable[[Any], Any]) -> Any:
    """The answer to a question about a constant."""
    return text.is_so(question) if isinstance(text, AskedText) else question(text.value)


class Slot(Value):
    """A value in a text: what stands there, and the expression that puts it there."""

    __slots__ = ("node", "place", "value")

    def __init__(self, value: Value, place: Place | None = None, node: ir.Expression | None = None) -> None:
        self.value = value
        self.place = place
        self.node = node

    def __repr__(self) -> str:
        return f"Slot({self.value!r})"


Text: TypeAlias = Template[Slot]
"""A text that is partly known: pieces, and values at their places."""


class ComposedText(Constant):
    """A text that is known as long as the settings in it have their defaults; ``template`` is how it is made."""

    __slots__ = ("template",)

    def __init__(self, value: str, setting: str | None, template: Text) -> None:
        super().__init__(value, setting)
        self.template = template


class TextValue(Value):
    """A partly known text (see :mod:`backend_gate.backend.texts`)."""

    __slots__ = ("template",)

    def __init__(self, template: Text) -> None:
        self.template = template

    @property
    def parts(self) -> tuple[str | Value, ...]:
        """Literal pieces and the values that stand for the rest, in order."""
        return tuple(part if isinstance(part, str) else part.value.value for part in self.template.parts)

    def __repr__(self) -> str:
        return f"TextValue({self.parts!r})"


class Sequence(Value):
    """A list, tuple, set or generator: ``kind``. ``open``: there may be more items than the known ones.

    ``sample``: the items stand for any number of such, perhaps none. ``rejected``: what a list of allowed values
    does not hold; if it turns out to be empty, all is allowed.
    """

    __slots__ = ("items", "kind", "open", "rejected", "sample")

    def __init__(
        self, kind: str, items: Iterable[Value] = (), *, open: bool = False, sample: bool = False
    ) -> None:
        self.kind = kind
        self.items: list[Value] = list(items)
        self.open = open
        self.sample = sample
        self.rejected = False

    def __repr__(self) -> str:
        return f"Sequence({self.kind}, {self.items!r}{', open' if self.open else ''})"


class Pieces(Sequence):
    """What an empty text in the place of a credential is split into: these and no others."""

    __slots__ = ()


class Mapping(Value):
    """A dict: entries by the key of their key. ``open``: there may be more entries than the known ones.

    ``rest`` are bodies that some of those may come from. ``factory`` makes what a ``defaultdict`` lacks.
    """

    __slots__ = ("entries", "factory", "open", "rest")

    def __init__(self, entries: Iterable[tuple[Value, Value]] = (), *, open: bool = False) -> None:
        self.entries: dict[Hashable, tuple[Value, Value]] = {}
        self.open = open
        self.rest: list[BodyInput] = []
        self.factory: Value | None = None
        for key, value in entries:
            self.set(key, value)

    def set(self, key: Value, value: Value) -> None:
        """Bind ``key``; an unknown key makes the dict open."""
        name = key_of(key)
        if name is None:
            self.open = True
            for one in alternatives(value):
                inner = (
                    [each for item in one.items for each in alternatives(item)]
                    if isinstance(one, Sequence)
                    else [one]
                )
                self.rest += [each for each in inner if isinstance(each, BodyInput)]
        else:
            self.entries[name] = (key, value)

    def get(self, key: Value) -> Value | None:
        """The value under ``key``, or None where the known entries have none."""
        name = self._name_of(key)
        entry = self.entries.get(name) if name is not None else None
        return entry[1] if entry else None

    def _name_of(self, key: Value) -> Hashable | None:
        """The key under which an entry is found: of a text that is asked, only whether there is one."""
        if isinstance(key, AskedText):
            known = frozenset(self.entries)
            return cast(
                "Hashable | None", key.is_so(lambda text: ("str", text) if ("str", text) in known else None)
            )
        return key_of(key)

    def __repr__(self) -> str:
        return f"Mapping({list(self.entries.values())!r})"


class WatchedMapping(Mapping):
    """A dict that tells ``watch`` which known key is read."""

    __slots__ = ("watch",)

    def __init__(self, entries: Iterable[tuple[Value, Value]], watch: Callable[[object], None]) -> None:
        super().__init__(entries)
        self.watch = watch

    def get(self, key: Value) -> Value | None:
        """As for any dict, after telling."""
        if isinstance(key, Constant):
            self.watch(key.value)
        return super().get(key)


class Module(Value):
    """A module of the project."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"Module({self.name})"


class External(Value):
    """Something a library defines, by its qualified name: module, function, class or attribute.

    ``owner`` is the instance it was read from, for a bound method of a library.
    """

    __slots__ = ("name", "owner")

    def __init__(self, name: str, owner: Value | None = None) -> None:
        self.name = name
        self.owner = owner

    def __repr__(self) -> str:
        return f"External({self.name})"


class Scope:
    """The names of one module, class body or call. ``parent`` is the enclosing function scope of a closure."""

    __slots__ = ("annotations", "global_names", "kind", "module", "names", "nonlocal_names", "parent")

    def __init__(self, kind: str, module: ModuleState, parent: Scope | None = None) -> None:
        self.kind = kind
        self.module = module
        self.parent = parent
        self.names: dict[str, Value] = {}
        self.annotations: dict[str, ir.Expression] = {}
        self.global_names: set[str] = set()
        self.nonlocal_names: set[str] = set()

    def fields(self) -> dict[str, ir.Expression]:
        """Of a class: the annotated names that each object has for itself, without those of ``ClassVar``."""
        return {name: kind for name, kind in self.annotations.items() if not _is_of_class(kind)}


def _is_of_class(annotation: ir.Expression) -> bool:
    """``ClassVar``, ``typing.ClassVar[int]``"""
    kind = annotation.value if isinstance(annotation, ir.Subscript) else annotation
    name = kind.name if isinstance(kind, ir.Attribute) else kind.id if isinstance(kind, ir.Name) else ""
    return name == "ClassVar"


class Function(Value):
    """A function, method or lambda of the project with its closure.

    ``qualname`` is Python's ``__qualname__`` (with ``<locals>``), ``full_name`` has the module in front;
    ``attributes`` is what was set on it (``__signature__``, ``__wrapped__`` …), ``decorators`` are those of libraries
    that kept it as it is.
    """

    __slots__ = (
        "attributes",
        "cls",
        "decorators",
        "defaults",
        "full_name",
        "module",
        "node",
        "qualname",
        "scope",
    )

    def __init__(
        self,
        node: ir.FunctionDef | ir.Lambda,
        module: ModuleState,
        scope: Scope,
        qualname: str,
        cls: Class | None = None,
    ) -> None:
        self.node = node
        self.module = module
        self.scope = scope
        self.qualname = qualname
        self.full_name = f"{module.name}.{qualname}"  # each call that the function makes is noted with it
        self.cls = cls
        self.defaults: dict[str, Value] = {}
        self.attributes: dict[str, Value] = {}
        self.decorators: list[Value] = []

    @property
    def name(self) -> str:
        """The last part of the qualified name."""
        return self.qualname.rsplit(".", 1)[-1]

    @property
    def place(self) -> Place:
        """Where ``def`` stands."""
        span = self.node.definition if isinstance(self.node, ir.FunctionDef) else self.node.span
        return Place(self.module.path, span)

    def __repr__(self) -> str:
        return f"Function({self.full_name})"


class Class(Value):
    """A class of the project. ``scope`` holds what its body bound; ``bases`` are values."""

    __slots__ = (
        "_classes",
        "_externals",
        "_mro",
        "bases",
        "decorators",
        "keywords",
        "module",
        "node",
        "qualname",
        "scope",
    )

    def __init__(
        self, node: ir.ClassDef, module: ModuleState, scope: Scope, qualname: str, bases: list[Value]
    ) -> None:
        self.node = node
        self.module = module
        self.scope = scope
        self.qualname = qualname
        self.bases = bases
        self.keywords: dict[str, Value] = {}
        self.decorators: list[Value] = []
        self._mro: list[Value] | None = None
        self._classes: list[Class] | None = None
        self._externals: list[External] | None = None

    @property
    def full_name(self) -> str:
        """``module.qualname``"""
        return f"{self.module.name}.{self.qualname}"

    @property
    def place(self) -> Place:
        """Where ``class`` stands."""
        return Place(self.module.path, self.node.definition)

    def mro(self) -> list[Value]:
        """The class, then its bases in Python's order (bases that cannot be merged: in order of discovery)."""
        if self._mro is None:
            self._mro = [self]  # a cyclic hierarchy sees itself without bases
            self._mro = _linearise(self)
        return self._mro

    def classes(self) -> list[Class]:
        """Those of :meth:`mro` that the project defines: where each attribute of an object is looked for."""
        if self._classes is None:
            self._classes = [base for base in self.mro() if isinstance(base, Class)]
        return self._classes

    def externals(self) -> list[External]:
        """Those of :meth:`mro` that libraries define."""
        if self._externals is None:
            self._externals = [base for base in self.mro() if isinstance(base, External)]
        return self._externals

    def __repr__(self) -> str:
        return f"Class({self.full_name})"


class Instance(Value):
    """An object made by calling a class (of the project or of a library).

    ``arguments`` and ``keywords`` are what it was made with (libraries only), ``conditions`` the path
    condition at that moment. ``in_run``: it was made while a request was answered. ``number`` tells which of two
    objects was made first.
    """

    __slots__ = ("arguments", "attributes", "cls", "conditions", "in_run", "keywords", "number", "place")

    def __init__(
        self,
        cls: Class | External,
        place: Place | None = None,
        arguments: list[Value] | None = None,
        keywords: dict[str, Value] | None = None,
        conditions: tuple[Condition, ...] = (),
        *,
        in_run: bool = False,
    ) -> None:
        self.cls = cls
        self.in_run = in_run
        self.place = place
        self.attributes: dict[str, Value] = {}
        self.arguments: list[Value] = arguments or []
        self.keywords: dict[str, Value] = keywords or {}
        self.conditions = conditions
        self.number = next(_NUMBERS)

    def __repr__(self) -> str:
        return f"Instance({self.cls!r})"


def newest() -> int:
    """A number that no object has which is there already, and below that of each object still to be made."""
    return next(_NUMBERS)


class BoundMethod(Value):
    """A function of the project bound to an object."""

    __slots__ = ("function", "receiver")

    def __init__(self, function: Function, receiver: Value) -> None:
        self.function = function
        self.receiver = receiver

    def __repr__(self) -> str:
        return f"BoundMethod({self.function!r})"


class Native(Value):
    """A callable the gate itself implements (a decorator that a library returns, a modelled builtin).

    ``run(interpreter, arguments, keywords, place)`` gives the result.
    """

    __slots__ = ("label", "run")

    def __init__(self, label: str, run: Callable[..., Value]) -> None:
        self.label = label
        self.run = run

    def __repr__(self) -> str:
        return f"Native({self.label})"


class Suspended(Value):
    """A coroutine or generator that has been made and has not run: ``await``, ``for`` and ``with`` run it.

    ``run(on_yield)`` runs it once and gives the result of the coroutine, or the items of the generator.
    ``on_yield``, if given, is called with what is yielded, in place of whoever consumes the generator.
    """

    __slots__ = ("_result", "is_generator", "label", "run")

    def __init__(
        self, label: str, run: Callable[[Callable[[Value], Value] | None], Value], *, is_generator: bool
    ) -> None:
        self.label = label
        self.run = run
        self.is_generator = is_generator
        self._result: Value | None = None

    def finish(self) -> Value:
        """Run it to its end; a second time gives the same result."""
        if self._result is None:
            self._result = self.run(None)
        return self._result

    def __repr__(self) -> str:
        return f"Suspended({self.label})"


class Partial(Value):
    """``functools.partial``"""

    __slots__ = ("arguments", "function", "keywords")

    def __init__(self, function: Value, arguments: list[Value], keywords: dict[str, Value]) -> None:
        self.function = function
        self.arguments = arguments
        self.keywords = keywords

    def __repr__(self) -> str:
        return f"Partial({self.function!r})"


class Descriptor(Value):
    """``property``, ``classmethod`` or ``staticmethod`` around a function."""

    __slots__ = ("function", "kind")

    def __init__(self, kind: str, function: Value) -> None:
        self.kind = kind
        self.function = function

    def __repr__(self) -> str:
        return f"Descriptor({self.kind}, {self.function!r})"


class TypeApplication(Value):
    """``base[arguments]`` in a type, and ``A | B`` as ``typing.Union[A, B]``."""

    __slots__ = ("arguments", "base")

    def __init__(self, base: Value, arguments: list[Value]) -> None:
        self.base = base
        self.arguments = arguments

    def __repr__(self) -> str:
        return f"TypeApplication({self.base!r}, {self.arguments!r})"


class Super(Value):
    """``super()``: attributes of the classes after ``cls`` in the order of ``receiver``'s class."""

    __slots__ = ("cls", "receiver")

    def __init__(self, cls: Class, receiver: Value) -> None:
        self.cls = cls
        self.receiver = receiver


class SignatureParameter(Value):
    """``inspect.Parameter``, and one parameter of a callable as a framework sees it.

    ``kind`` as in :class:`backend_gate.facts.model.Parameter`. ``annotation`` and ``default`` are values
    or ``None``; ``place`` is where it stands.
    """

    __slots__ = ("annotation", "default", "kind", "name", "place")

    def __init__(
        self,
        name: str,
        kind: str,
        annotation: Value | None,
        default: Value | None,
        place: Place | None = None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.annotation = annotation
        self.default = default
        self.place = place

    def __repr__(self) -> str:
        return f"SignatureParameter({self.name}: {self.annotation!r} = {self.default!r})"


class Signature(Value):
    """``inspect.Signature``"""

    __slots__ = ("parameters", "returns")

    def __init__(self, parameters: list[SignatureParameter], returns: Value | None = None) -> None:
        self.parameters = parameters
        self.returns = returns


class Alternatives(Value):
    """One of several values; which one depends on a branch that cannot be decided."""

    __slots__ = ("values",)

    def __init__(self, values: tuple[Value, ...]) -> None:
        self.values = values

    def __repr__(self) -> str:
        return f"Alternatives({self.values!r})"


class Overridden(Alternatives):
    """The first of several values, as long as ``setting`` has its default; then it may be any of the others."""

    __slots__ = ("setting",)

    def __init__(self, values: tuple[Value, ...], setting: str) -> None:
        super().__init__(values)
        self.setting = setting


class Chosen(Alternatives):
    """One of several values, the first where a branch goes one way; ``by`` is the setting or the test it asks."""

    __slots__ = ("by",)

    def __init__(self, values: tuple[Value, ...], by: str) -> None:
        super().__init__(values)
        self.by = by


class LazyImport(Value):
    """A name bound by ``from module import name``; looked up when it is used."""

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name


def alternatives(value: Value) -> tuple[Value, ...]:
    """The single values that ``value`` may be."""
    return value.values if isinstance(value, Alternatives) else (value,)


def text_of(value: Value) -> str | None:
    """What ``str()`` gives for a known scalar or a member of a text enumeration; ``None`` if not known."""
    if isinstance(value, Constant):
        return str(value.value)
    if isinstance(value, Instance) and "_value_" in value.attributes:
        return text_of(value.attributes["_value_"])
    return None


def untested(value: Value) -> Value:
    """A value as it was before a test said that it is there (see :class:`Present`)."""
    if isinstance(value, Present):
        return value.origin
    if isinstance(value, Instance):
        return value.attributes.get("__present__", value)
    return value


def as_derived(value: Absent) -> Absent:
    """What is made of a missing credential in some way."""
    return value if type(value) is Absent else Absent(value.reason, value.place)


def missing_credential(value: Value | None) -> Absent | None:
    """The absent credential that ``value`` is: itself, or all that it may be besides empty constants.

    What is made of it is neither surely ``None`` nor surely an empty text.
    """
    if isinstance(value, Absent):
        return as_derived(value)
    if isinstance(value, Alternatives):
        rest = [v for v in value.values if not isinstance(v, Absent)]
        if len(rest) < len(value.values) and all(isinstance(v, Constant) and not v.value for v in rest):
            return as_derived(next(v for v in value.values if isinstance(v, Absent)))
    return None


def missing_key(value: Value) -> Absent | None:
    """The absent credential that a key is, or is put together with: nothing is found under ``f"session:{sid}"``."""
    if isinstance(value, TextValue):
        missing = (missing_credential(part) for part in value.parts if isinstance(part, Value))
        return next((one for one in missing if one is not None), None)
    if isinstance(value, Derived):  # a text in another form
        texts = (missing_key(one) for one in value.sources if isinstance(one, TextValue))
        return next((one for one in texts if one is not None), None)
    return missing_credential(value)


def key_of(value: Value) -> Hashable | None:
    """A hashable key such that equal keys mean the same run-time value; ``None`` if that is not known."""
    if isinstance(value, Constant):
        return (type(value.value).__name__, value.value)
    if isinstance(value, (Unknown, TextValue, Alternatives, LazyImport)):
        return None
    if isinstance(value, External):
        return ("external", value.name, id(value.owner) if value.owner is not None else 0)
    if isinstance(value, Module):
        return ("module", value.name)
    if isinstance(value, BoundMethod):
        return ("bound", id(value.function), id(value.receiver))
    if isinstance(value, Sequence) and value.kind == "tuple" and not value.open:
        keys = tuple(key_of(item) for item in value.items)
        return None if any(key is None for key in keys) else ("tuple", keys)
    return ("object", id(value))


def is_given(value: Value) -> bool:
    """Something that a library gives, or a part of it."""
    given = value.base if isinstance(value, TypeApplication) else value
    given = given.cls if isinstance(given, Instance) else given
    return given is not value and isinstance(given, External)


def is_known_key(value: Value) -> bool:
    """A dict that has no such key does not have it under another name: what a library gives may be any key."""
    return key_of(value) is not None and not is_given(value)


def join(values: Iterable[Value]) -> Value:
    """One value that stands for any of ``values``; equal ones are merged, too many become unknown."""
    values = list(values)
    if len(values) == 1:
        return values[0]
    seen: dict[Hashable, Value] = {}
    unknowns: list[Unknown] = []
    for value in values:
        for single in alternatives(value):
            if isinstance(single, Unknown) and not isinstance(single, BodyInput):
                unknowns.append(single)
                seen.setdefault("unknown", single)
                continue
            key = None if isinstance(single, AskedText) else key_of(single)
            key = ("object", id(single)) if key is None else key
            known = seen.setdefault(key, single)
            if isinstance(known, Constant) and isinstance(single, Constant):
                checked = isinstance(known, ListedConstant) and single.setting is not None
                if known.setting is None or checked:
                    seen[key] = (
                        single  # what is a setting on one way is one, and unchecked on one is unchecked
                    )
    if len(unknowns) > 1:
        seen["unknown"] = _any_of(unknowns)
    found = list(seen.values())
    if not found:
        return Unknown("no value")
    if len(found) == 1:
        return found[0]
    if len(found) > MAX_ALTERNATIVES:
        found = _without_repeated_empties(found)
    if len(found) > MAX_ALTERNATIVES:
        return _many(found)
    return Alternatives(tuple(found))


def overridden(default: Value, others: Iterable[Value], setting: str) -> Value:
    """``default``, or one of ``others`` where ``setting`` has another value than its default."""
    joined = join([default, *others])
    first = default.values[0] if isinstance(default, Overridden) else default
    if isinstance(joined, Alternatives) and joined.values[0] is first:
        return Overridden(joined.values, setting)
    return joined


def _without_repeated_empties(values: list[Value]) -> list[Value]:
    """Of several empty dicts one, of several empty lists one: ``return {}`` is a habit."""
    kept: dict[Hashable, Value] = {}
    for value in values:
        is_empty = (isinstance(value, Mapping) and not (value.entries or value.open)) or (
            isinstance(value, Sequence) and not (value.items or value.open)
        )
        kind = value.kind if isinstance(value, Sequence) else "dict"
        kept.setdefault(("empty", kind) if is_empty else ("object", id(value)), value)
    return list(kept.values())


def _any_of(unknowns: list[Unknown]) -> Unknown:
    """One unknown value for several: an absent credential that comes first, what a request brings, or all."""
    first = unknowns[0]
    if isinstance(first, Absent):
        if type(first) is not Absent and any(type(one) is not type(first) for one in unknowns):
            return as_derived(first)  # neither surely nothing nor surely an empty text
        return first
    kept: dict[Hashable, Unknown] = {}
    for one in unknowns:
        if isinstance(one, Input) and one.kind == "request":
            return one
        if not isinstance(one, Absent):
            key = one.kind if isinstance(one, Input) else id(one) if type(one) is not Unknown else ""
            kept.setdefault(key, one)
    sources = tuple(kept.values())
    return sources[0] if len(sources) == 1 else Derived(first.reason, sources[:MAX_ALTERNATIVES], first.place)


def _many(found: list[Value]) -> Value:
    """More values than can be kept apart: texts become one text, objects of a class one, the rest is unknown."""
    from backend_gate.backend import texts

    found = _one_of_each_class(found)
    if len(found) <= MAX_ALTERNATIVES:
        return Alternatives(tuple(found)) if len(found) > 1 else found[0]
    known = [one for one in found if texts.is_text(one)]
    others = [one for one in found if not texts.is_text(one)]
    if len(known) > 1 and len(others) < MAX_ALTERNATIVES:
        merged = texts.one_of(known)
        return Alternatives((merged, *others)) if others else merged
    unknown = next((one for one in found if isinstance(one, Unknown)), None)
    reason = unknown.reason if unknown is not None else "one of many values"
    return Derived(reason, tuple(found), unknown.place if unknown is not None else None)


def _one_of_each_class(found: list[Value]) -> list[Value]:
    """Objects of the same class that a run has made are one object, whose attributes are any of theirs."""
    groups: dict[int, list[Instance]] = {}
    for one in found:
        if isinstance(one, Instance) and isinstance(one.cls, Class) and one.in_run:
            groups.setdefault(id(one.cls), []).append(one)
    merged: dict[int, Value] = {}
    for group in groups.values():
        first = group[0]
        if len(group) > 1:
            made = Instance(first.cls, first.place, conditions=first.conditions, in_run=True)
            for name in first.attributes:
                made.attributes[name] = join(one.attributes[name] for one in group if name in one.attributes)
            merged.update((id(one), made) for one in group)
    return list({id(one): one for one in (merged.get(id(one), one) for one in found)}.values())


MAX_MERGED = 200
"""So many bases in all are put into Python's order, which takes time with the cube of their number."""


def _identity(value: Value) -> object:
    return value.name if isinstance(value, External) else id(value)


def _linearise(cls: Class) -> list[Value]:
    bases = [_class_of_base(base) for base in cls.bases]
    sequences = [list(base.mro()) if isinstance(base, Class) else [base] for base in bases]
    if len(sequences) == 1:
        return [cls, *sequences[0]]
    if sum(map(len, sequences)) > MAX_MERGED:
        return [cls, *{_identity(one): one for sequence in sequences for one in sequence}.values()]
    sequences.append(list(bases))
    result: list[Value] = [cls]
    while sequences := [sequence for sequence in sequences if sequence]:
        for sequence in sequences:
            head = sequence[0]
            if not any(_contains(other[1:], head) for other in sequences):
                break
        else:
            head = sequences[0][0]
        result.append(head)
        sequences = [[item for item in sequence if not _same(item, head)] for sequence in sequences]
    return result


def _class_of_base(base: Value) -> Value:
    while isinstance(base, TypeApplication):
        base = base.base
    if isinstance(base, Alternatives):
        return next((v for v in base.values if isinstance(v, Class)), base.values[0])
    return base


def _same(one: Value, other: Value) -> bool:
    return one is other or (
        isinstance(one, External) and isinstance(other, External) and one.name == other.name
    )


def _contains(values: list[Value], wanted: Value) -> bool:
    return any(_same(value, wanted) for value in values)
