"""Tokens among the fields of a body: a handler is run once more without them, to see whether it asks for them.

Nothing tells such a field from any other but its name, so that this is asked only where the answer matters: of what
gives somebody a new password, and of what anybody could call otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from backend_gate.backend.outcomes import Effect, Outcome, comes_too_late
from backend_gate.backend.public import parameter_names, recovers_password, resets_password
from backend_gate.backend.public_resets import (
    field_names,
    gives_proof,
    hands_proof_on,
    is_proof,
    looks_at_proof,
)
from backend_gate.backend.trace import status_of

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation
    from backend_gate.backend.model import Endpoint
    from backend_gate.backend.trace import Trace

Run = Callable[["Endpoint", "Operation", Outcome, frozenset[str]], "Trace | None"]
"""Runs a handler without credentials, and without these fields of its body."""

_TOKEN = re.compile(r"(^|_)(token|signature|(invite|invitation|one_time|magic)_?(code|key|link))$")
_NO_TOKEN = re.compile(
    r"push|device|fcm|apns|registration|page|csrf|xsrf|cursor|next|type|captcha|turnstile|card|payment|stripe",
    re.IGNORECASE,
)
"""Where a message goes, where a list goes on, what is paid with, or that somebody is no machine."""
_REFUSING = (None, 400, 401, 403)
"""404 says that there is no such row, which is so of any number as well; what a library raises has no status."""


class BodyProofs:
    """Judges the handlers of one linked unit by what they do without a token in the body."""

    def __init__(self, interpreter: Interpreter, run: Run) -> None:
        self.interpreter = interpreter
        self.run = run

    def is_unproved(self, endpoint: Endpoint, operation: Operation, trace: Trace) -> bool:
        """It gives a new password, or a token to get one, without a proof of whose account it is.

        ``trace`` is its run with the fields of the body.
        """
        resets = resets_password(endpoint)
        if not resets and not recovers_password(endpoint):
            return False
        names = [*field_names(endpoint, self.interpreter, operation), *parameter_names(operation)]
        proofs = frozenset(filter(is_proof, names))
        if not proofs:
            return gives_proof(trace)
        found = Outcome(endpoint.handler, endpoint.place)
        again = self.run(endpoint, operation, found, proofs) if resets else None
        return (
            again is not None
            and found.effect is Effect.PASSES
            and not again.gave_up
            and not looks_at_proof(again)
            and not any(map(hands_proof_on, again.calls))
        )

    def closed_by_token(self, endpoint: Endpoint, operation: Operation) -> Outcome | None:
        """What it does without the token in its body, if it looks that up and refuses then; ``None`` otherwise."""
        names = field_names(endpoint, self.interpreter, operation)
        tokens = frozenset(name for name in names if _TOKEN.search(name) and not _NO_TOKEN.search(name))
        if not tokens:
            return None
        found = Outcome(endpoint.handler, endpoint.place)
        trace = self.run(endpoint, operation, found, tokens)
        is_closed = (
            trace is not None
            and found.effect is Effect.DENIES
            and all(status_of(event.exception) in _REFUSING for event in [*found.denials, *trace.raises[-1:]])
            and any(hands_proof_on(event) for event in trace.calls)
            and not comes_too_late(found, trace)
        )
        return found if is_closed else None
