"""What bandit and radon say about the files of a backend: plain data."""

from __future__ import annotations

import msgspec

RADON, BANDIT = "radon", "bandit"

LEFT_TO_OTHERS = {
    "B101": "an assert is no fault by itself, and tests are full of them",
    "B104": "a server in a container binds to all interfaces on purpose",
    "B105": "names such as token_url make most of its findings; secrets are found by scanners made for that",
    "B106": "as B105",
    "B107": "as B105",
    "B110": "errors are judged on their way to the client: endpoint-errors-unhandled",
    "B112": "as B110",
    "B311": "random numbers are rarely secrets; bandit cannot tell",
    "B401": "an import is no use; the calls are found by B312",
    "B402": "as B401; calls: B321",
    "B403": "as B401; calls: B301",
    "B404": "as B401; calls: B602 and B605",
    "B405": "as B401; calls: B313 and B314",
    "B406": "as B401; calls: B317",
    "B407": "as B401; calls: B316",
    "B408": "as B401; calls: B318",
    "B409": "as B401; calls: B319",
    "B411": "as B401",
    "B412": "as B401",
    "B413": "as B401",
    "B415": "as B401",
    "B603": "starting a program without a shell is the safe way to start one",
    "B606": "as B603",
    "B607": "programs are found by PATH on purpose",
    "B608": "SQL is judged hole by hole: sql-built-from-values and its neighbours",
}
"""The tests of bandit that are off, each with the reason."""


class FunctionComplexity(msgspec.Struct, frozen=True, order=True):
    """The cyclomatic complexity of one function, by radon. ``lines`` are the first and the last one."""

    path: str
    name: str
    lines: tuple[int, int]
    complexity: int


class FileMaintainability(msgspec.Struct, frozen=True, order=True):
    """The maintainability index of a file, by radon: 0 to 100, the higher the better."""

    path: str
    index: float


class BanditIssue(msgspec.Struct, frozen=True, order=True):
    """One finding of bandit. ``test`` is its id, ``name`` its name; ``severity`` is ``high``, ``medium`` or ``low``.

    ``column`` and ``end_column`` count characters from 1; the end is the column after the last one.
    """

    path: str
    line: int
    column: int
    end_column: int
    test: str
    name: str
    text: str
    severity: str
    cwe: int = 0


class Skipped(msgspec.Struct, frozen=True, order=True):
    """A file that a tool could not read, and why: it uses the grammar of the running Python."""

    path: str
    tool: str
    reason: str


class ToolRequest(msgspec.Struct, frozen=True):
    """The files (relative to ``root``, absolute) to look at."""

    root: str
    files: tuple[str, ...]


class ToolReply(msgspec.Struct, frozen=True):
    """What a tool found; ``errors`` are crashes of its own."""

    functions: tuple[FunctionComplexity, ...] = ()
    files: tuple[FileMaintainability, ...] = ()
    issues: tuple[BanditIssue, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    errors: tuple[str, ...] = ()
