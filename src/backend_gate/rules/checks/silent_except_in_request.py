"""BG407: whatever goes wrong is dropped without a trace while a request is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend.model import Clause
from backend_gate.rules.clauses import answered, clauses, finding, way
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.project import Project

_TIDIES = re.compile(
    r"clos|clean|cancel|stop|shutdown|terminat|kill|rollback|releas|dispos|disconnect|unlink|remov|rmtree|exit"
    r"|delete|unlock|flush|reset|detach|discard",
    re.IGNORECASE,
)
_OBSERVES = re.compile(
    r"log|track|metric|telemetry|capture|record|trace|span|emit|notify|publish|report|audit|analytics|hook"
    r"|callback|debug|info|warn|heartbeat|broadcast|send",
    re.IGNORECASE,
)
_GUESSES = re.compile(
    r"cache|getattr|import_module|find_spec|version|guess|detect|probe|try_|maybe|stat$|exists|parse|format"
    r"|literal|decode|load|convert|split|strip|[gsh][ea][ts]attr|isoformat|time$|^is|get_(origin|args|type_hints)",
    re.IGNORECASE,
)


def silent_except_in_request(project: Project) -> Iterator[Finding]:
    """One finding a clause for everything that does nothing."""
    for clause in clauses(project):
        if not (clause.broad and clause.idle and clause.tried):
            continue
        if clause.unbound:
            yield finding(
                clause,
                "silent-except-in-request",
                Severity.WARNING,
                f"On the way of {way(clause)} every failure of `{clause.tried[0]}` is dropped, and then there is no "
                f"`{clause.unbound}` for what follows: the client gets a 500 about that",
                fix="Let it fail, or catch what is expected by its class and answer that.",
            )
        elif (clause.only_tries or not clause.parses) and _matters(clause):
            yield finding(
                clause,
                "silent-except-in-request",
                Severity.WARNING,
                f"On the way of {way(clause)} every failure of `{clause.tried[0]}` is dropped: nobody is told, and "
                "nothing is logged",
                fix="Catch what is expected by its class, and log anything else with `logger.exception(…)`.",
            )


def _matters(clause: Clause) -> bool:
    """The work is no tidying up, no observing and no guess whose failure is an answer as well.

    To remove something is what a client asks ``DELETE`` for.
    """
    removes = clause.in_handler and all(e.methods == ["DELETE"] for e in answered(clause))
    quiet = (_OBSERVES, _GUESSES) if removes else (_TIDIES, _OBSERVES, _GUESSES)
    return not any(pattern.search(name) for name in clause.tried for pattern in quiet)
