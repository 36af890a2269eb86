"""BG411: the status says something else than what has happened."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend.model import Clause, Exit
from backend_gate.rules.clauses import answered, answers, clauses, finding
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project

_NOT_FOUND = re.compile(r"NotFound|DoesNotExist|NoResultFound|NoSuch")


def status_mismatch(project: Project) -> Iterator[Finding]:
    """One finding a ``raise`` of an HTTP error."""
    for clause in clauses(project):
        for exit_ in clause.exits:
            if exit_.kind != "raise" or not exit_.http or exit_.conditions:
                continue
            if clause.broad and exit_.status == 404 and not clause.parses:
                cause = "whatever fails"
            elif exit_.status == 400 and _is_missing(clause):
                cause = "something that is not there"
            else:
                continue
            yield _mismatch(clause, exit_, cause)


def _mismatch(clause: Clause, exit_: Exit, cause: str) -> Finding:
    fitting = "404" if exit_.status == 400 else "404 for what is not there only"
    return finding(
        clause,
        "status-mismatch",
        Severity.WARNING,
        f"{answers(clause)} {cause} with {exit_.status}",
        place=exit_.place,
        fix=f"Answer with {fitting}; let anything else become a 500 that your monitoring sees.",
    )


def _is_missing(clause: Clause) -> bool:
    """What the address names is not there: a clause for that alone, under a path that names something."""
    if clause.broad or not clause.catches:
        return False
    named = all(name is not None and _NOT_FOUND.search(name.rpartition(".")[2]) for name in clause.catches)
    asks = all("{" in e.path and set(e.methods) <= {"GET", "HEAD", "DELETE"} for e in answered(clause))
    return named and asks
