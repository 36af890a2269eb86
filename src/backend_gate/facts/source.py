"""From the bytes of a file to its text: byte order mark, PEP 263, size."""

from __future__ import annotations

import codecs
import re

from backend_gate.facts.model import ReadError

#: The largest file that is read, in bytes. Larger ones are generated data, not code.
MAX_BYTES = 8 * 1024 * 1024

_cookie = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_blank = re.compile(rb"^[ \t\f]*(?:#.*)?$")
_first_lines = re.compile(rb"[^\r\n]*(?:\r\n?|\n|$)")
# Codecs that give text but are no way to write source: they decode slowly or change the code.
_refused = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


class UnreadableError(Exception):
    """The bytes are no source text; carries what to tell the user."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.error = ReadError(message, line, column)


def decode(data: bytes) -> str:
    """The text of a Python file, without byte order mark.

    Raises:
        UnreadableError: too large, a NUL byte, an unknown encoding, or bytes that the encoding does not know.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableError(f"the file has more than {MAX_BYTES:,} bytes, which is all that is read")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableError("the file is UTF-16; save it as UTF-8")
    zero = data.find(b"\0")
    if zero >= 0:
        raise UnreadableError("the file holds a NUL byte", *_place(data, zero))
    has_mark = data.startswith(codecs.BOM_UTF8)
    if has_mark:
        data = data[len(codecs.BOM_UTF8) :]
    encoding = _declared_encoding(data)
    if has_mark and encoding != "utf-8":
        raise UnreadableError(f"the file has a UTF-8 byte order mark and declares the encoding {encoding!r}")
    try:
        text = data.decode(encoding)
        if encoding != "utf-8":
            text.encode()  # libcst takes UTF-8: refuse what it could not take
    except UnicodeDecodeError as error:
        line, column = _place(data, error.start)
        raise UnreadableError(
            f"byte {data[error.start]:#04x} is not valid {encoding}; save the file as UTF-8", line, column
        ) from None
    except (LookupError, UnicodeError):
        raise UnreadableError(f"the declared encoding {encoding!r} gives no text") from None
    if text.startswith("\ufeff"):
        raise UnreadableError("the file has a second byte order mark")
    return text


def _declared_encoding(data: bytes) -> str:
    """The encoding that one of the first two lines declares (PEP 263), else ``utf-8``."""
    position = 0
    for number in (1, 2):
        line = _first_lines.match(data, position)
        if line is None:
            break
        position = line.end()
        content = line[0].rstrip(b"\r\n")
        found = _cookie.match(content)
        if found is not None:
            return _normal_name(found[1].decode("ascii", "replace"), number)
        if not _blank.match(content):
            break
    return "utf-8"


def _normal_name(written: str, line: int) -> str:
    try:
        codec = codecs.lookup(written)
    except (LookupError, ValueError):
        raise UnreadableError(f"unknown encoding {written!r}", line) from None
    name = codec.name.replace("-", "_")
    if name in _refused or not getattr(codec, "_is_text_encoding", True):
        raise UnreadableError(f"the encoding {written!r} is not one for source text", line)
    return "utf-8" if name in {"utf_8", "utf_8_sig"} else codec.name


def _place(data: bytes, offset: int) -> tuple[int, int]:
    """Line and column of a byte; the column counts characters where the line is UTF-8 up to there."""
    before = data[:offset].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    start = before.rfind(b"\n") + 1
    return before.count(b"\n") + 1, len(before[start:].decode("utf-8", "replace")) + 1
