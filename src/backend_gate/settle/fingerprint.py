"""How a finding is known again after the code around it has changed.

By rule, file, enclosing function or class, and the code itself, written in a normal form: shifted lines,
a reformatted file and a message in other words change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from backend_gate.facts.code import CodeIndex
from backend_gate.facts.files import CannotOpenError, read_bytes
from backend_gate.facts.source import UnreadableError, decode
from backend_gate.rules.model import Finding


class Fingerprint(msgspec.Struct, frozen=True, order=True):
    """What a finding is known by.

    ``file`` is relative to the judged tree. ``symbol`` is the enclosing function or class in the file
    (``Users.create``), empty for the module itself; a decorator belongs to what it decorates.
    ``code`` is the code at the finding's place in normal form.
    """

    file: str
    rule: str
    symbol: str
    code: str


Identify = Callable[[Finding], Fingerprint]


class Fingerprints:
    """Makes the fingerprints of findings in files below ``root``. Each file is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._files: dict[str, CodeIndex] = {}

    def __call__(self, finding: Finding) -> Fingerprint:
        """The fingerprint of a finding. Without code if its file cannot be read any more."""
        file = finding.place.file
        if file not in self._files:
            self._files[file] = self._read(file)
        index = self._files[file]
        span = finding.place.span
        return Fingerprint(file, finding.rule, index.symbol(span), index.code(span))

    def _read(self, file: str) -> CodeIndex:
        try:
            return CodeIndex(decode(read_bytes(self._root, file)))
        except (CannotOpenError, UnreadableError):
            return CodeIndex("")


def fingerprints(root: Path, findings: Iterable[Finding]) -> dict[Finding, Fingerprint]:
    """The fingerprint of each finding; files are relative to ``root``."""
    identify = Fingerprints(root)
    return {finding: identify(finding) for finding in findings}
