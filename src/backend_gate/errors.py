"""What keeps the gate from judging. One tree; every error says what to do about it.

Any :class:`GateError` means exit code 2 ("could not judge"), never a finding: a fault of the judged
code is a finding and not an exception.
"""

from __future__ import annotations

from pathlib import Path

COULD_NOT_JUDGE = 2
"""The exit code of every :class:`GateError`."""


class GateError(Exception):
    """The gate cannot judge.

    ``message`` says what is wrong in one sentence without a final period; ``hint`` says what to do
    and may be empty only where ``message`` already does.
    """

    exit_code = COULD_NOT_JUDGE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def location(self) -> str:
        """Where it is, as ``file:line``, ``file``, a name, or empty."""
        return ""

    def __str__(self) -> str:
        text = f"{self.location}: {self.message}" if self.location else self.message
        return f"{text}\n{self.hint}" if self.hint else text


class FileError(GateError):
    """An error at a place in a file. ``line`` starts at 1; ``None``: the file as a whole."""

    def __init__(self, message: str, hint: str = "", *, file: str | Path, line: int | None = None) -> None:
        super().__init__(message, hint)
        self.file = str(file)
        self.line = line

    @property
    def location(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


class SettingsError(FileError):
    """The configuration is wrong: a key, a type, a value, or TOML that cannot be read."""


class BaselineError(FileError):
    """A baseline is no baseline, or cannot be read."""


class RepositoryError(GateError):
    """git cannot say what is asked of it: no repository, no such revision, no history."""


class RuleFileError(FileError):
    """A rule or vocabulary file is wrong."""


class DiscoveryError(GateError):
    """The files to judge cannot be found: no such path, more than the gate takes on."""


class InternalError(GateError):
    """A part of the gate crashed. ``subject`` names the file or the rule it was busy with."""

    def __init__(self, subject: str, message: str, hint: str = "") -> None:
        super().__init__(
            message, hint or "Everything else was judged. Please report this as a fault of backend-gate."
        )
        self.subject = subject

    @property
    def location(self) -> str:
        return self.subject


class OutputError(FileError):
    """A report cannot be written to ``file``."""


class EvidenceError(FileError):
    """Evidence that was asked for (coverage data, a test report) is missing, unreadable or stale."""
