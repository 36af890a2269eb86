"""What git would ignore, without running git: running it in a hostile repository runs its hooks.

Honoured are ``.gitignore`` in every folder from the repository's root down, and ``.git/info/exclude``.
The user's global excludes are not: the verdict has to be the same on every machine. Files that git
tracks are never ignored, whatever a pattern says (see :mod:`backend_gate.discover.tracked`).
"""

from __future__ import annotations

from pathlib import Path

from backend_gate.patterns import Patterns
from backend_gate.regular import read_regular

_MAX_BYTES = 1024 * 1024


class IgnoreRules:
    """The patterns that hold in one folder: its own ``.gitignore`` and those of the folders above.

    ``folder`` is relative to the root of the patterns, with a trailing ``/`` unless empty.
    """

    __slots__ = ("_folder", "_parent", "_patterns")

    def __init__(self, patterns: Patterns, folder: str, parent: IgnoreRules | None) -> None:
        self._patterns = patterns
        self._folder = folder
        self._parent = parent

    def ignores(self, path: str) -> bool:
        """Whether a file, or a folder (with a trailing ``/``), is ignored.

        The nearest ``.gitignore`` with a matching pattern decides, its last matching pattern first.
        The folders above ``path`` are not looked at: whoever walks does not enter ignored ones.
        """
        rules: IgnoreRules | None = self
        while rules is not None:
            verdict = rules._patterns.verdict(path[len(rules._folder) :])
            if verdict is not None:
                return verdict
            rules = rules._parent
        return False


def read_rules(file: Path, folder: str, parent: IgnoreRules | None) -> IgnoreRules | None:
    """The rules with the patterns of ``file`` added, or ``parent`` if it holds none.

    A link is not followed, as git does not. Lines that are no patterns are passed over, as in git.

    Raises:
        OSError: the file exists and cannot be read.
    """
    if file.is_symlink():
        return parent
    text = read_regular(file, _MAX_BYTES).decode("utf-8", "replace")
    patterns = Patterns(text.removeprefix("\ufeff").split("\n"))
    return IgnoreRules(patterns, folder, parent) if patterns else parent
