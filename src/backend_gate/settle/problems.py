"""What keeps a part of the code from being judged, as the verdict tells it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from backend_gate.backend.model import Place
from backend_gate.discover import ProjectTree, Unit, project_root
from backend_gate.discover.frameworks import Detected
from backend_gate.facts.model import Span
from backend_gate.settle.verdict import JudgedBackend, Problem

_CRASH_ADVICE = "Please report this as a fault of backend-gate, with what --verbose shows here"
UNREADABLE_ADVICE = "Correct it, or exclude the file if it is no code that runs"


def tree_problems(tree: ProjectTree) -> list[Problem]:
    """Folders and files that discovery could not read, except those that reading tells of."""
    told = {file.path for file in tree.files}
    return [
        Problem(
            kind="unreadable-file",
            subject=item.path,
            message=f"`{item.path}` {item.message.rstrip('.')}",
            advice="Make it readable, or exclude it",
            place=Place(item.path, Span(1, 1, 1, 1)),
        )
        for item in tree.unreadable
        if item.path not in told
    ]


def nothing_found(
    tree: ProjectTree,
    judged: Iterable[JudgedBackend],
    frameworks: Iterable[Detected],
    named: Callable[[Path], str],
) -> list[Problem]:
    """A check that found nothing to judge has not passed. ``named`` tells how the user would name a folder."""
    if any(backend.applications or sum(backend.endpoints.values()) or backend.problems for backend in judged):
        return []
    unknown = [framework.framework for framework in frameworks if not framework.analysed]
    known = [framework.framework for framework in frameworks if framework.analysed]
    if not tree.files:
        message, advice = "there is no Python code here", "Name the folder of the backend"
    elif known:
        message = f"{' and '.join(known)} is used here, but no endpoint was found"
        advice = "Name the folder of the whole backend, where the application is made"
    elif unknown:
        message = f"{' and '.join(unknown)} is used here, which is not analysed yet"
        advice = "`backend-gate detect` shows what is analysed"
    else:
        message, advice = "no backend framework is used here", "Name the folder of the backend"
    wider = project_root(tree.root)
    if wider != tree.root:
        command = f"backend-gate check {named(wider)}"
        advice += f"; this folder belongs to a larger project, which `{command}` judges"
    return [Problem(kind="nothing-to-judge", subject=".", message=message, advice=advice)]


def called(unit: Unit) -> str:
    """How a sentence names a backend."""
    return "the backend" if unit.name == "." else f"the backend in {unit.name}"


def crash(kind: str, subject: str, what: str, error: Exception) -> Problem:
    """A crash of the gate itself; ``what`` is what it was busy with."""
    return Problem(
        kind=kind,
        subject=subject,
        message=f"{what} crashed: {type(error).__name__}",
        advice=_CRASH_ADVICE,
        detail="".join(traceback.format_exception(error)),
    )
