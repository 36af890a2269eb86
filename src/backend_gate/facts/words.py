"""The words of a file: everything that can be an identifier, comments and strings included."""

from __future__ import annotations

import re
import unicodedata

_identifier = re.compile(r"[^\W\d]\w*")
# ASCII that is in no identifier becomes a blank; other bytes are looked at as characters.
_blanks = bytes(
    byte if byte >= 128 or chr(byte).isalnum() or byte == ord("_") else ord(" ") for byte in range(256)
)


def words_of(data: bytes) -> set[str]:
    """The words of UTF-8 text, as Python compares identifiers (NFKC)."""
    words = set()
    for word in set(data.translate(_blanks).split()):
        if word.isascii():
            if not word[:1].isdigit():
                words.add(word.decode())
        else:
            words.update(unicodedata.normalize("NFKC", part) for part in _identifier.findall(word.decode()))
    return words


def mentions(data: bytes, words: frozenset[str], encoded: frozenset[bytes]) -> bool:
    """Whether UTF-8 text holds one of ``words``; ``encoded`` are the same as UTF-8."""
    if data.isascii():
        return not encoded.isdisjoint(data.translate(_blanks).split())
    return not words.isdisjoint(words_of(data))
