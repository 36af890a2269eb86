"""What a literal means: escapes decoded, independent of the Python that runs the gate."""

from __future__ import annotations

import re
import unicodedata

_prefix = re.compile(r"[A-Za-z]*")
_escape = re.compile(
    r"""\\(?:(?P<line>\r\n|\r|\n)|(?P<plain>[\\'"abfnrtv])|(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9a-fA-F]{2})"""
    r"""|(?P<wide>N\{[^}]*\}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})|(?P<bad>[xNuU]))"""
)
_braces = re.compile(r"(\\N\{[^}]*\}|\\[^{}])|\{\{|\}\}", re.DOTALL)
_plain_escapes = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
#: Of those that are kept.
LARGEST_INTEGER = 2**63 - 1


class MalformedLiteralError(ValueError):
    """A literal without a value that can be kept; the message says why."""


def decode_escapes(text: str, *, is_bytes: bool = False) -> str:
    """``text`` (the inside of a literal that is not raw) with its escapes replaced.

    With ``is_bytes``, ``\\N``, ``\\u`` and ``\\U`` are no escapes. An unknown escape stays as it is written.

    Raises:
        MalformedLiteralError: an escape is cut short, names no character, or gives half a surrogate pair.
    """

    def replace(match: re.Match[str]) -> str:
        kind = match.lastgroup
        value = match[kind] if kind else ""
        if kind == "line":
            return ""
        if kind == "plain":
            return _plain_escapes.get(value, value)
        if kind == "octal":
            return chr(int(value, 8) & 0xFF if is_bytes else int(value, 8))
        if kind == "hex":
            return chr(int(value, 16))
        if is_bytes and value != "x":
            return match[0]
        if kind == "bad":
            raise MalformedLiteralError("a malformed escape")
        return _wide_character(value)

    return _escape.sub(replace, text)


def _wide_character(escape: str) -> str:
    if escape[0] == "N":
        try:
            return unicodedata.lookup(escape[2:-1])
        except KeyError:
            raise MalformedLiteralError("an escape that names no character") from None
    number = int(escape[1:], 16)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise MalformedLiteralError("an escape that is no character")
    return chr(number)


def inside(text: str, *, is_raw: bool, is_bytes: bool = False) -> str:
    """The value of the inside of a literal, as written in a file: line ends are ``\\n``."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if is_raw or "\\" not in text:
        return text
    return decode_escapes(text, is_bytes=is_bytes)


def string_value(source: str) -> str | bytes:
    """The value of one string or bytes literal with prefix and quotes.

    Raises:
        MalformedLiteralError: see :func:`decode_escapes`; or bytes that are not written in ASCII.
    """
    first = source[0]
    if first in "'\"":
        prefix = ""
    else:
        found = _prefix.match(source)
        prefix = found[0].lower() if found else ""
    start = len(prefix)
    quotes = 3 if source.startswith(('"""', "'''"), start) and len(source) >= start + 6 else 1
    content = source[start + quotes : -quotes]
    is_bytes = "b" in prefix
    if is_bytes and not content.isascii():
        raise MalformedLiteralError("bytes with a character that is not ASCII")
    value = inside(content, is_raw="r" in prefix, is_bytes=is_bytes)
    return value.encode("latin-1") if is_bytes else value


def integer_value(source: str) -> int:
    """The value of an integer literal.

    Raises:
        MalformedLiteralError: it does not fit into 64 bits.
    """
    # Longer than the longest 64-bit literal in base two with its underscores; int() is quadratic.
    if len(source) > 130:
        raise MalformedLiteralError("an integer beyond 64 bits")
    value = int(source.replace("_", ""), 0)
    if value > LARGEST_INTEGER:
        raise MalformedLiteralError("an integer beyond 64 bits")
    return value


def single_braces(text: str, is_raw: bool) -> str:
    """The text of an f-string with ``{{`` and ``}}`` halved; ``\\N{…}`` keeps its braces."""
    if "{" not in text and "}" not in text:
        return text
    if is_raw:
        return text.replace("{{", "{").replace("}}", "}")
    return _braces.sub(lambda match: match[1] or match[0][0], text)
