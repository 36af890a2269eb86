"""What the reader keeps of one source file: a small intermediate form.

The form has the meaning of the code and none of its layout. It is independent of the parser that
made it and of the Python that runs the gate, so that a file written for a newer Python reads the
same. Every node carries the :class:`Span` it came from.

All classes are ``msgspec`` structs: immutable by convention, encoded as tagged arrays, and small.
The body of a function stays encoded (``FunctionDef.body``) until somebody asks for it with
:func:`decode_block`. The reader may leave it out (:func:`is_read`).
"""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, array_like=True, frozen=True, gc=False, order=True):
    """A region of a file. Lines and columns count characters (not bytes) and start at 1.

    ``end_column`` is the column after the last character, as in SARIF.
    """

    line: int
    column: int
    end_line: int
    end_column: int


class Node(msgspec.Struct, array_like=True, tag=True, gc=False):
    """Base of every statement and expression."""

    span: Span


# --- expressions -------------------------------------------------------------------------------


class Name(Node):
    """A bare identifier, read or bound."""

    id: str


class Constant(Node):
    """A literal: text, number, ``True``/``False``/``None``.

    Adjacent literals are joined and escapes are decoded. Integers beyond 64 bits and complex
    numbers are kept as :class:`Unknown`.
    """

    value: str | bool | int | float | None


class BytesLiteral(Node):
    """``b"…"``"""

    value: bytes


class EllipsisLiteral(Node):
    """``...``"""


class Attribute(Node):
    """``value.name``"""

    value: Expression
    name: str


class Argument(msgspec.Struct, array_like=True, gc=False):
    """One argument of a call, or one base of a class. ``star`` is ``""``, ``"*"`` or ``"**"``."""

    value: Expression
    name: str | None = None
    star: str = ""


class Call(Node):
    """``function(arguments)``"""

    function: Expression
    arguments: list[Argument]


class Subscript(Node):
    """``value[index]``; several indices are a :class:`TupleDisplay`."""

    value: Expression
    index: Expression


class Slice(Node):
    """``lower:upper:step`` inside a subscript."""

    lower: Expression | None
    upper: Expression | None
    step: Expression | None


class ListDisplay(Node):
    """``[a, b, *c]``"""

    items: list[Expression]


class TupleDisplay(Node):
    """``(a, b)``, also without parentheses."""

    items: list[Expression]


class SetDisplay(Node):
    """``{a, b}``"""

    items: list[Expression]


class DictEntry(msgspec.Struct, array_like=True, gc=False):
    """``key: value``; ``key`` is ``None`` for ``**value``."""

    key: Expression | None
    value: Expression


class DictDisplay(Node):
    """``{k: v, **rest}``"""

    entries: list[DictEntry]


class Hole(msgspec.Struct, array_like=True, gc=False):
    """``{value!r:spec}`` in a :class:`Text`. ``conversion`` is ``""``, ``"r"``, ``"s"`` or ``"a"``.

    A ``spec`` that is not literal text is ``None``.
    """

    value: Expression
    conversion: str = ""
    spec: str | None = ""


class Text(Node):
    """An f-string (or a concatenation that holds one): literal text and holes, in order.

    A t-string is a Text with ``is_template``.
    """

    parts: list[str | Hole]
    is_template: bool = False


def text_of(span: Span, parts: list[str | Hole], is_template: bool) -> Text | Constant:
    """Literals side by side: texts that touch become one, and without a hole all is a constant."""
    merged: list[str | Hole] = []
    for part in parts:
        if not isinstance(part, str):
            merged.append(part)
        elif merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part:
            merged.append(part)
    if is_template or any(isinstance(part, Hole) for part in merged):
        return Text(span, merged, is_template)
    return Constant(span, "".join(part for part in merged if isinstance(part, str)))


class BinaryOperation(Node):
    """``left operator right`` for arithmetic, bit, ``@`` operators; ``operator`` as written (``"+"``)."""

    operator: str
    left: Expression
    right: Expression


class BooleanOperation(Node):
    """``a and b and c``: ``operator`` is ``"and"`` or ``"or"``; nested same operators are flattened."""

    operator: str
    values: list[Expression]


class UnaryOperation(Node):
    """``operator`` is ``"not"``, ``"-"``, ``"+"`` or ``"~"``."""

    operator: str
    value: Expression


class Comparison(Node):
    """``left op1 right1 op2 right2``; operators as written (``"=="``, ``"not in"``, ``"is not"``)."""

    left: Expression
    operators: list[str]
    rights: list[Expression]


class Conditional(Node):
    """``body if test else orelse``"""

    test: Expression
    body: Expression
    orelse: Expression


class Parameter(msgspec.Struct, array_like=True, gc=False):
    """One parameter of a function. ``kind``: ``"positional"`` (only), ``"normal"``, ``"keyword"`` (only),
    ``"*"``, ``"**"``. ``span`` covers name, annotation and default."""

    name: str
    kind: str
    annotation: Expression | None
    default: Expression | None
    span: Span


class Lambda(Node):
    """``lambda parameters: body``"""

    parameters: list[Parameter]
    body: Expression


class Generator(msgspec.Struct, array_like=True, gc=False):
    """``for target in iterable if conditions`` of a comprehension."""

    target: Expression
    iterable: Expression
    conditions: list[Expression]
    is_async: bool = False


class Comprehension(Node):
    """``kind`` is ``"list"``, ``"set"``, ``"generator"`` or ``"dict"`` (then ``key`` is set, except in
    ``{**element for …}``)."""

    kind: str
    key: Expression | None
    element: Expression
    generators: list[Generator]


class Await(Node):
    """``await value``"""

    value: Expression


class Yield(Node):
    """``yield value`` or ``yield from value``"""

    value: Expression | None
    is_from: bool = False


class Starred(Node):
    """``*value`` in a display, a subscript or an assignment target."""

    value: Expression


class NamedExpression(Node):
    """``target := value``"""

    target: Expression
    value: Expression


class Unknown(Node):
    """An expression that the reader does not represent, with the reason."""

    reason: str


Expression = (
    Name
    | Constant
    | BytesLiteral
    | EllipsisLiteral
    | Attribute
    | Call
    | Subscript
    | Slice
    | ListDisplay
    | TupleDisplay
    | SetDisplay
    | DictDisplay
    | Text
    | BinaryOperation
    | BooleanOperation
    | UnaryOperation
    | Comparison
    | Conditional
    | Lambda
    | Comprehension
    | Await
    | Yield
    | Starred
    | NamedExpression
    | Unknown
)


# --- statements --------------------------------------------------------------------------------


class Assign(Node):
    """``target = other = value``"""

    targets: list[Expression]
    value: Expression


class AnnotatedAssign(Node):
    """``target: annotation = value``; ``value`` may be absent."""

    target: Expression
    annotation: Expression
    value: Expression | None


class AugmentedAssign(Node):
    """``target += value``; ``operator`` without the ``=``."""

    target: Expression
    operator: str
    value: Expression


class TypeAlias(Node):
    """``type Name[T] = value``"""

    name: str
    value: Expression


class ExpressionStatement(Node):
    """An expression on a line of its own."""

    value: Expression


class FunctionDef(Node):
    """``def``. ``span`` starts at the first decorator, or at ``def``/``async`` without one.

    ``definition`` is the position of the ``def`` (or ``async def``) line up to the end of the
    signature; ``name_span`` covers the name. ``body`` is encoded: see :func:`decode_block`.
    ``type_parameters`` are the names in ``def f[T](...)``.
    """

    name: str
    name_span: Span
    definition: Span
    parameters: list[Parameter]
    decorators: list[Expression]
    returns: Expression | None
    body: msgspec.Raw
    is_async: bool
    is_generator: bool
    type_parameters: list[str]


class ClassDef(Node):
    """``class``. Spans as in :class:`FunctionDef`. ``bases`` hold keywords such as ``metaclass=`` too."""

    name: str
    name_span: Span
    definition: Span
    bases: list[Argument]
    decorators: list[Expression]
    body: list[Statement]
    type_parameters: list[str]


class ImportedName(msgspec.Struct, array_like=True, gc=False):
    """``name as alias``; ``alias`` equals ``None`` without ``as``. ``name`` may be ``"*"``."""

    name: str
    alias: str | None = None


class Import(Node):
    """``import a.b, c as d``"""

    names: list[ImportedName]


class ImportFrom(Node):
    """``from ..module import name as alias``; ``level`` counts the dots."""

    module: str
    level: int
    names: list[ImportedName]


class Return(Node):
    """``return value``"""

    value: Expression | None


class Raise(Node):
    """``raise value from cause``"""

    value: Expression | None
    cause: Expression | None


class Assert(Node):
    """``assert test, message``"""

    test: Expression
    message: Expression | None


class Pass(Node):
    """``pass``"""


class Break(Node):
    """``break``"""


class Continue(Node):
    """``continue``"""


class Global(Node):
    """``global names``"""

    names: list[str]


class Nonlocal(Node):
    """``nonlocal names``"""

    names: list[str]


class Delete(Node):
    """``del targets``"""

    targets: list[Expression]


class If(Node):
    """``if``/``elif`` (as a nested :class:`If` in ``orelse``)/``else``. A chain of ``elif`` may be long."""

    test: Expression
    body: list[Statement]
    orelse: list[Statement]


class For(Node):
    """``for target in iterable``"""

    target: Expression
    iterable: Expression
    body: list[Statement]
    orelse: list[Statement]
    is_async: bool


class While(Node):
    """``while test``"""

    test: Expression
    body: list[Statement]
    orelse: list[Statement]


class WithItem(msgspec.Struct, array_like=True, gc=False):
    """``value as target``"""

    value: Expression
    target: Expression | None


class With(Node):
    """``with items``"""

    items: list[WithItem]
    body: list[Statement]
    is_async: bool


class Handler(msgspec.Struct, array_like=True, gc=False):
    """``except type as name``. ``except A, B`` is a tuple. ``span`` covers the clause line only."""

    type: Expression | None
    name: str | None
    body: list[Statement]
    span: Span


class Try(Node):
    """``try``; ``is_star`` for ``except*``."""

    body: list[Statement]
    handlers: list[Handler]
    orelse: list[Statement]
    finalbody: list[Statement]
    is_star: bool


class MatchCase(msgspec.Struct, array_like=True, gc=False):
    """One ``case``. ``values`` are the literal or dotted values that the whole subject is compared with
    (not those inside a sequence, mapping or class pattern; none if another pattern stands beside them, as in
    ``"all" | int()``), ``names`` what the pattern binds;
    ``is_wildcard`` says that it matches anything."""

    values: list[Expression]
    names: list[str]
    guard: Expression | None
    body: list[Statement]
    is_wildcard: bool


class Match(Node):
    """``match subject``"""

    subject: Expression
    cases: list[MatchCase]


Statement = (
    Assign
    | AnnotatedAssign
    | AugmentedAssign
    | TypeAlias
    | ExpressionStatement
    | FunctionDef
    | ClassDef
    | Import
    | ImportFrom
    | Return
    | Raise
    | Assert
    | Pass
    | Break
    | Continue
    | Global
    | Nonlocal
    | Delete
    | If
    | For
    | While
    | With
    | Try
    | Match
)


# --- a file ------------------------------------------------------------------------------------


class TopStatement(msgspec.Struct, array_like=True, gc=False):
    """One statement of a module: the skeleton (what it binds and mentions) and its encoded form.

    ``binds``: the module-level names it can bind (``"*"`` for a star import), also inside ``if``,
    ``try``, ``with`` and loops. ``mutates``: names whose object it may change in place at module
    level (``x.append(…)``, ``x.include_router(…)``, ``x[…] = …``, ``x.y = …``: the ``x``).
    ``code`` is one encoded block (see :func:`decode_block`) holding this one statement.
    """

    span: Span
    binds: list[str]
    mutates: list[str]
    code: msgspec.Raw


class ReadError(msgspec.Struct, array_like=True, gc=False):
    """Why a file cannot be read as Python: the message and, where known, the place."""

    message: str
    line: int = 1
    column: int = 1


class GateComment(msgspec.Struct, array_like=True, gc=False):
    """A comment of the gate's own: ``text`` from ``# gate:`` to the end of the line, and its span.

    ``first`` and ``last`` are the lines that it is about.
    """

    span: Span
    text: str
    first: int
    last: int


class FileFacts(msgspec.Struct, array_like=True, gc=False):
    """All that is known of one file without any other file.

    ``path`` is relative to the project, with ``/``. ``lines`` counts lines of text.
    ``words`` are all identifiers in the file (names, attributes, keywords of calls), sorted.
    ``comments`` are the gate's own comments (``# gate: …``), in order.
    A file with an ``error`` has no statements.
    """

    path: str
    digest: str
    lines: int
    statements: list[TopStatement]
    words: list[str]
    comments: list[GateComment]
    error: ReadError | None = None


class _Beginning(msgspec.Struct, array_like=True, gc=False):
    """The first fields of :class:`FileFacts`: what comes behind is skipped, which is ten times as fast."""

    path: str
    digest: str
    lines: int


_block_encoder = msgspec.msgpack.Encoder()
_block_decoder = msgspec.msgpack.Decoder(list[Statement])
_beginning_decoder = msgspec.msgpack.Decoder(_Beginning)
_facts_decoder = msgspec.msgpack.Decoder(FileFacts)


#: The ``body`` of a function that was left out; it does not decode.
UNREAD = msgspec.Raw(_block_encoder.encode(None))


def is_read(function: FunctionDef) -> bool:
    """Whether the body of ``function`` is there; if not, the reader's ``read_body`` reads it."""
    return bytes(function.body) != bytes(UNREAD)


def encode_block(statements: list[Statement]) -> msgspec.Raw:
    """Encode a list of statements; the inverse of :func:`decode_block`."""
    return msgspec.Raw(_block_encoder.encode(statements))


def decode_block(block: msgspec.Raw) -> list[Statement]:
    """The statements of an encoded block. Decodes anew each time: callers keep the result."""
    return _block_decoder.decode(block)


def encode_facts(facts: FileFacts) -> bytes:
    """The bytes that a worker sends back and the cache stores."""
    return _block_encoder.encode(facts)


def decode_facts(data: bytes) -> FileFacts:
    """The inverse of :func:`encode_facts`; blocks stay encoded.

    Raises:
        msgspec.DecodeError: the bytes are not facts of this version.
    """
    return _facts_decoder.decode(data)


def lines_in(data: bytes) -> int:
    """How many lines the file has whose encoded facts these are.

    Raises:
        msgspec.DecodeError: the bytes are not facts of this version.
    """
    return _beginning_decoder.decode(data).lines
