"""Names for findings that outlive an edit: the line hashes of GitHub code scanning.

GitHub recognises an alert by its rule, its file and ``primaryLocationLineHash``. The hash covers the
hundred characters, blanks left out, from the start of the finding's line, and a counter tells apart
the lines of a file that hash alike. Code that moves keeps its hash; a message has no part in it.

The values are the ones that GitHub's own upload action computes, which warns of every other value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import accumulate

from backend_gate.report.source import SourceReader
from backend_gate.rules.model import Finding

LINE_HASH = "primaryLocationLineHash"
"""The key under which GitHub looks for the fingerprint."""

_WINDOW = 100
_BASE = 37
_MODULUS = 1 << 64
_LEAVING = pow(_BASE, _WINDOW, _MODULUS)
_END_OF_FILE = 0xFFFF
_LINE_FEED = ord("\n")


def line_hashes(data: bytes) -> list[str]:
    """``hash:counter`` of every line of a file, the first line first.

    Lines end with ``\\n``, ``\\r\\n`` or ``\\r``. The text is taken for UTF-8, as GitHub takes it.
    """
    text = data.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    packed = text.replace(" ", "").replace("\t", "").encode("utf-16-le")
    units = [*memoryview(packed).cast("H"), _END_OF_FILE]
    starts = [0, *(index + 1 for index, unit in enumerate(units) if unit == _LINE_FEED)]
    padded = [*units, *[0] * _WINDOW]
    sums = list(accumulate(padded, lambda total, unit: (total * _BASE + unit) % _MODULUS, initial=0))
    seen: Counter[int] = Counter()
    hashes = []
    for start in starts:
        value = (sums[start + _WINDOW] - sums[start] * _LEAVING) % _MODULUS
        seen[value] += 1
        hashes.append(f"{value:x}:{seen[value]}")
    return hashes


def fingerprints(findings: Iterable[Finding], sources: SourceReader) -> dict[Finding, str]:
    """The line hash of each finding whose file can be read; different for findings of the same rule.

    Several findings of one rule on one line are numbered from left to right: the first keeps the
    plain hash.
    """
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        by_file.setdefault(finding.place.file, []).append(finding)
    found: dict[Finding, str] = {}
    for file, members in sorted(by_file.items()):
        data = sources.data(file)
        if data is None:
            continue
        hashes = line_hashes(data)
        on_line: Counter[tuple[str, int]] = Counter()
        for finding in members:
            line = finding.place.span.line
            if not 1 <= line <= len(hashes):
                continue
            on_line[finding.rule, line] += 1
            number = on_line[finding.rule, line]
            found[finding] = hashes[line - 1] + (f":{number}" if number > 1 else "")
    return found
