"""Asks bandit, in the worker process, with the tests that nothing else here judges better."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import msgspec
from bandit.core import config, manager

from backend_gate.evidence.tools import BANDIT, LEFT_TO_OTHERS, BanditIssue, Skipped, ToolReply, ToolRequest
from backend_gate.facts.files import CannotOpenError, read_bytes


class _Crashes(logging.Handler):
    """bandit logs a test that crashes and goes on; nobody would learn of it."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage().splitlines()[0])


def run(data: bytes) -> bytes:
    """Answer an encoded :class:`ToolRequest` with an encoded :class:`ToolReply`."""
    request = msgspec.json.decode(data, type=ToolRequest)
    root = Path(os.path.realpath(request.root))
    os.chdir(root)
    crashes = _Crashes()
    logging.getLogger("bandit").addHandler(crashes)
    contents: dict[str, bytes] = {}
    for path in request.files:
        try:
            contents[path] = read_bytes(root, path)
        except CannotOpenError:
            continue  # the analysis of the code has named it
    asked = manager.BanditManager(
        config.BanditConfig(), "file", profile={"exclude": set(LEFT_TO_OTHERS)}, quiet=True
    )
    asked.files_list = list(contents)
    asked.run_tests()
    issues = [_issue(issue, contents) for issue in asked.get_issue_list()]
    skipped = [Skipped(str(path), BANDIT, str(reason)) for path, reason in asked.get_skipped()]
    return msgspec.json.encode(
        ToolReply(
            issues=tuple(sorted(issues)),
            skipped=tuple(sorted(skipped)),
            errors=tuple(sorted(set(crashes.messages))),
        )
    )


def _issue(issue: Any, contents: dict[str, bytes]) -> BanditIssue:
    path = str(issue.fname).removeprefix("./")
    lines = contents[path].splitlines()
    line = lines[issue.lineno - 1] if issue.lineno <= len(lines) else b""
    column = _characters(line, issue.col_offset)
    end = _characters(line, issue.end_col_offset) if issue.end_col_offset > issue.col_offset else column + 1
    return BanditIssue(
        path=path,
        line=issue.lineno,
        column=column + 1,
        end_column=end + 1,
        test=issue.test_id,
        name=issue.test,
        text=" ".join(issue.text.split()).rstrip("."),
        severity=str(issue.severity).lower(),
        cwe=int(issue.cwe.id),
    )


def _characters(line: bytes, offset: int) -> int:
    """Python counts bytes, people count characters."""
    return len(line[: max(0, offset)].decode("utf-8", errors="ignore"))
