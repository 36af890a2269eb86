"""The examples of a rule: small backends that are documentation and tests at once.

``# expect: BG101`` at the end of a line says that this rule finds something on this line. Several
rules, or one rule twice, are separated by commas. No marker anywhere says: silence.
"""

from __future__ import annotations

import enum
import re
from pathlib import PurePosixPath

import msgspec

_MARKER = re.compile(r"#\s*expect:\s*(?P<rules>[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)\s*$")
SINGLE_FILE = "main.py"


class Kind(enum.Enum):
    """Whether an example has the fault."""

    BAD = "bad"
    GOOD = "good"


class Expectation(msgspec.Struct, frozen=True, order=True):
    """One finding that an example asks for: the rule's id, and the place."""

    file: str
    line: int
    rule: str


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One small backend. It stands in ``code`` (one file, named ``main.py``) or in ``files`` (path: source).

    ``title`` says in a few words what the example shows, ``about`` what is to be learnt from it.
    """

    kind: Kind
    title: str
    about: str = ""
    code: str | None = None
    files: dict[str, str] = {}

    def __post_init__(self) -> None:
        if (self.code is None) == (not self.files):
            raise ValueError("an example holds either `code` or `files`")
        for path in self.files:
            parts = PurePosixPath(path).parts
            if path.startswith("/") or ".." in parts or "\\" in path or not parts:
                raise ValueError(f"`{path}` has to be a path inside the example, with `/`")
        expected = self.expectations()
        if self.kind is Kind.BAD and not expected:
            raise ValueError("a bad example needs a marker `# expect: ID` at the end of a faulty line")
        if self.kind is Kind.GOOD and expected:
            raise ValueError("a good example holds no marker `# expect: ID`")

    @property
    def sources(self) -> dict[str, str]:
        """All files, by path relative to the example's root."""
        return dict(self.files) if self.files else {SINGLE_FILE: self.code or ""}

    def expectations(self) -> list[Expectation]:
        """What has to be found, in order; a rule named twice on a line stands here twice."""
        return sorted(
            Expectation(file, number, rule.strip())
            for file, source in self.sources.items()
            for number, line in enumerate(source.splitlines(), start=1)
            if (marker := _MARKER.search(line))
            for rule in marker["rules"].split(",")
        )


def for_readers(source: str) -> str:
    """The source as documentation shows it: a marker becomes an arrow, ``# ← BG101``."""
    return "\n".join(_MARKER.sub(r"# ← \g<rules>", line) for line in source.splitlines()).rstrip() + "\n"
