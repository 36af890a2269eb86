"""f-strings, whose insides ``ast`` does not place in every version: their holes are found in the text.

The text was read by Python's own parser before, so it is known to be sound: what is searched for here is
where a hole ends, past the strings, brackets and f-strings inside it.
"""

from __future__ import annotations

import ast
import re
from abc import ABC, abstractmethod
from functools import lru_cache

from backend_gate.facts import model
from backend_gate.facts.by_ast.parsing import parse
from backend_gate.facts.by_ast.places import AstCursor
from backend_gate.facts.literals import MalformedLiteralError, inside, single_braces, string_value
from backend_gate.facts.model import Expression, Hole

MAX_INDENT = 500
"""The expression of a hole is parsed behind so many blanks at most: lines may be long, and have many holes."""
_opening = re.compile(r"""([A-Za-z]{0,2})(\"\"\"|'''|"|')""")
_in_expression = re.compile(r"""[A-Za-z]{0,2}(?P<quote>["'])|\w+|[([{]|[)\]}]|[!=<>:]=|[!:=]|#[^\n]*""")
_debug = re.compile(r"=[ \t\f\r\n]*(?=[!:}])")
_in_format = re.compile(r"[{}]")


class LostHoleError(Exception):
    """The end of a hole or of a string is not found."""


@lru_cache(maxsize=16)
def _plain_end(quote: str) -> re.Pattern[str]:
    return re.compile(rf"(?:[^\\]|\\.)*?{quote}", re.DOTALL)


@lru_cache(maxsize=16)
def _in_text(quote: str, is_raw: bool) -> re.Pattern[str]:
    escapes = rf"\\{quote[0]}|\\\\" if is_raw else r"\\N\{[^}]*\}|\\[^{}]"
    return re.compile(rf"{escapes}|\{{\{{|\}}\}}|\{{|{quote}", re.DOTALL)


def _string_end(text: str, start: int) -> int:
    """The offset behind a literal, its prefix included."""
    opening = _opening.match(text, start)
    if opening is None:
        raise LostHoleError
    prefix, quote = opening[1].lower(), opening[2]
    if "f" not in prefix and "t" not in prefix:
        found = _plain_end(quote).match(text, opening.end())
        if found is None:
            raise LostHoleError
        return found.end()
    position = opening.end()
    while True:
        found = _in_text(quote, "r" in prefix).search(text, position)
        if found is None:
            raise LostHoleError
        position = found.end()
        if found[0] == quote:
            return position
        if found[0] == "{":
            position = _hole_end(text, position)


def _expression_end(text: str, start: int) -> int:
    """The offset of what ends the expression of a hole: ``=``, ``!``, ``:`` or ``}``."""
    position, depth = start, 0
    while True:
        found = _in_expression.search(text, position)
        if found is None:
            raise LostHoleError
        sign = found[0]
        if found["quote"]:
            position = _string_end(text, found.start())
            continue
        position = found.end()
        if sign in "([{":
            depth += 1
        elif depth:
            depth -= sign in ")]}"
        elif sign in "!:}" or sign == ":=" or (sign == "=" and _debug.match(text, found.start())):
            return found.start()  # ":=" is a format that begins with "="


def _hole_end(text: str, start: int) -> int:
    """The offset behind the brace that closes a hole."""
    position = _expression_end(text, start)
    debug = _debug.match(text, position)
    if debug is not None:
        position = debug.end()
    if text.startswith("!", position):
        position = _conversion_end(text, position)
    if text.startswith(":", position):
        position += 1
        while True:
            found = _in_format.search(text, position)
            if found is None:
                raise LostHoleError
            position = found.end()
            if found[0] == "}":
                return position
            position = _hole_end(text, position)
    if not text.startswith("}", position):
        raise LostHoleError
    return position + 1


_conversion = re.compile(r"!\s*([a-z])\s*")


def _conversion_end(text: str, position: int) -> int:
    found = _conversion.match(text, position)
    if found is None:
        raise LostHoleError
    return found.end()


def _shift_first_line(tree: ast.expr, columns: int) -> None:
    """Move what stands in the line behind the opening parenthesis of a hole's expression to the right."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.expr, ast.keyword, ast.arg)):
            if node.lineno == 2:
                node.col_offset += columns
            if node.end_lineno == 2 and node.end_col_offset is not None:
                node.end_col_offset += columns


class AstTexts(AstCursor, ABC):
    """Converts f-strings and what is written beside them."""

    __slots__ = ()

    @abstractmethod
    def expression(self, node: ast.expr) -> Expression:
        """Converts any expression: see :mod:`backend_gate.facts.by_ast.expressions`."""

    def formatted(self, node: ast.expr) -> Expression:
        """An f-string, with the literals beside it.

        Raises:
            LostPositionError: the text does not show what the tree says.
        """
        start, end = self.start(node), self.end(node)
        span = self.place(node)
        parts: list[str | Hole] = []
        is_template = False
        self.position = start
        try:
            while self.next() < end:
                is_template = self._piece(parts) or is_template
        except LostHoleError:
            raise self.lost("an f-string") from None
        return model.text_of(span, parts, is_template)

    def unrepresentable(self, node: ast.Constant) -> Expression:
        """A text with a value that cannot be kept, or several side by side of which one is."""
        result = self.formatted(node)
        match result:
            case model.Text(parts=[Hole(value=model.Unknown() as only)]) if only.span == result.span:
                return only
        return result

    def _piece(self, parts: list[str | Hole]) -> bool:
        """One literal of several side by side, and whether it is a t-string."""
        start = self.position
        opening = _opening.match(self.text, start)
        if opening is None:
            raise LostHoleError
        prefix, quote = opening[1].lower(), opening[2]
        if "f" not in prefix and "t" not in prefix:
            self.position = _string_end(self.text, start)
            try:
                value = string_value(self.text[start : self.position])
                parts.append(
                    value if isinstance(value, str) else Hole(model.BytesLiteral(self.since(start), value))
                )
            except MalformedLiteralError as error:
                parts.append(Hole(model.Unknown(self.since(start), str(error))))
            return False
        is_raw = "r" in prefix
        self.position = begin = opening.end()
        while True:
            found = _in_text(quote, is_raw).search(self.text, self.position)
            if found is None:
                raise LostHoleError
            self.position = found.end()
            if found[0] == "{" or found[0] == quote:
                self._written(begin, found.start(), is_raw, parts)
                if found[0] == quote:
                    return "t" in prefix
                self._hole(is_raw, parts)
                begin = self.position

    def _written(self, start: int, end: int, is_raw: bool, parts: list[str | Hole]) -> None:
        """The text between two holes."""
        if start == end:
            return
        try:
            parts.append(inside(single_braces(self.text[start:end], is_raw), is_raw=is_raw))
        except MalformedLiteralError as error:
            parts.append(Hole(model.Unknown(self.span(start, end), str(error))))

    def _hole(self, is_raw: bool, parts: list[str | Hole]) -> None:
        """A hole from behind its opening brace to behind the closing one."""
        self.deeper()
        start = self.position
        end = _expression_end(self.text, start)
        value = self._inner(start, end)
        self.position = end
        debug = _debug.match(self.text, end)
        if debug is not None:
            self.position = debug.end()
            parts.append(self.text[start : self.position])
        conversion = ""
        if self.text.startswith("!", self.position):
            found = _conversion.match(self.text, self.position)
            if found is None:
                raise LostHoleError
            conversion, self.position = found[1], found.end()
        spec: str | None = ""
        if self.text.startswith(":", self.position):
            self.position += 1
            spec = self._format(is_raw)
        elif debug is not None and not conversion:
            conversion = "r"
        if not self.text.startswith("}", self.position):
            raise LostHoleError
        self.position += 1
        self.depth -= 1
        parts.append(Hole(value, conversion, spec))

    def _format(self, is_raw: bool) -> str | None:
        """The format of a hole up to its closing brace; ``None`` if it has holes of its own."""
        parts: list[str | Hole] = []
        begin = self.position
        while True:
            found = _in_format.search(self.text, self.position)
            if found is None or self.text.startswith("{{", found.start()):
                raise LostHoleError
            self._written(begin, found.start(), is_raw, parts)
            self.position = found.start()
            if found[0] == "}":
                return "".join(map(str, parts)) if all(isinstance(part, str) for part in parts) else None
            self.position += 1
            self._hole(is_raw, parts)
            begin = self.position

    def _inner(self, start: int, end: int) -> Expression:
        """The expression of a hole, parsed where it stands."""
        line, _ = self.line_and_column(start)
        indent = self.octets_before(start)
        shown = indent if indent <= MAX_INDENT else 0
        (statement,) = parse(f"(\n{' ' * shown}{self.text[start:end]}\n)").body
        if not isinstance(statement, ast.Expr):
            raise LostHoleError
        tree = statement.value
        if shown < indent:
            _shift_first_line(tree, indent)
        above, self.above = self.above, line - 2
        result = self.expression(tree)
        is_bare = tree.lineno == 1  # a tuple without parentheses of its own
        self.above = above
        if is_bare:
            self.position = start
            first = self.next()
            result.span = self.span(first, start + len(self.text[start:end].rstrip()))
        return result
