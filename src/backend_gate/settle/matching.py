"""Which findings are known already: multisets of fingerprints, matched one to one."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backend_gate.facts.files import CannotOpenError, read_bytes
from backend_gate.facts.source import UnreadableError, decode
from backend_gate.regular import exists
from backend_gate.rules.model import Finding
from backend_gate.rules.registry import finding_order
from backend_gate.settle.fingerprint import Fingerprint

IsGone = Callable[[str, str], bool]
"""Whether a symbol (second) is no longer defined in a file (first), or the file itself is gone."""


@dataclass(frozen=True, slots=True)
class Matched:
    """``known`` and ``new`` are the findings, in their total order. ``unmet`` is what of the known
    fingerprints no finding matched; ``met`` counts the fingerprints of the known findings as they are now."""

    known: tuple[Finding, ...] = ()
    new: tuple[Finding, ...] = ()
    met: Counter[Fingerprint] = field(default_factory=Counter)
    unmet: Counter[Fingerprint] = field(default_factory=Counter)


def match(
    known: Mapping[Fingerprint, int], findings: Mapping[Finding, Fingerprint], is_gone: IsGone
) -> Matched:
    """Each known fingerprint covers as many findings as it counts, and no more.

    What is left over is tried once more without the file: code that moved, with its file or out of it,
    is still known if the old place is gone and there is exactly one place it can have come from and
    gone to.
    """
    unmet = Counter({fingerprint: count for fingerprint, count in known.items() if count > 0})
    met: Counter[Fingerprint] = Counter()
    covered: list[Finding] = []
    left: list[Finding] = []
    for finding in sorted(findings, key=finding_order):
        fingerprint = findings[finding]
        if unmet[fingerprint] > 0:
            unmet[fingerprint] -= 1
            met[fingerprint] += 1
            covered.append(finding)
        else:
            left.append(finding)
    moved = _moved(+unmet, [findings[finding] for finding in left], is_gone)
    new: list[Finding] = []
    for finding in left:
        fingerprint = findings[finding]
        before = moved.get(fingerprint)
        if before is not None and unmet[before] > 0:
            unmet[before] -= 1
            met[fingerprint] += 1
            covered.append(finding)
        else:
            new.append(finding)
    return Matched(tuple(sorted(covered, key=finding_order)), tuple(new), met, +unmet)


def _moved(
    unmet: Iterable[Fingerprint], left: Iterable[Fingerprint], is_gone: IsGone
) -> dict[Fingerprint, Fingerprint]:
    """For fingerprints of findings the one that they had in another file."""
    before: dict[tuple[str, str, str], set[Fingerprint]] = defaultdict(set)
    after: dict[tuple[str, str, str], set[Fingerprint]] = defaultdict(set)
    for fingerprint in unmet:
        if is_gone(fingerprint.file, fingerprint.symbol):
            before[_without_file(fingerprint)].add(fingerprint)
    for fingerprint in left:
        after[_without_file(fingerprint)].add(fingerprint)
    return {
        next(iter(after[key])): next(iter(old))
        for key, old in before.items()
        if len(old) == 1 and len(after[key]) == 1
    }


def _without_file(fingerprint: Fingerprint) -> tuple[str, str, str]:
    return fingerprint.rule, fingerprint.symbol, fingerprint.code


class Definitions:
    """Tells whether a symbol is still defined in a file below ``root``; in doubt it is."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._texts: dict[str, str | None] = {}

    def is_gone(self, file: str, symbol: str) -> bool:
        """See :data:`IsGone`."""
        if file not in self._texts:
            self._texts[file] = self._read(file)
        text = self._texts[file]
        if text is None:
            return not exists(self._root / file)
        name = symbol.rpartition(".")[2]
        return bool(name) and not re.search(rf"\b(?:def|class)\s+{re.escape(name)}\b", text)

    def _read(self, file: str) -> str | None:
        try:
            return decode(read_bytes(self._root, file))
        except (CannotOpenError, UnreadableError, ValueError):
            return None
