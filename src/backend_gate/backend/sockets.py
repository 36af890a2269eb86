"""What a websocket says to a client without a credential, where it does not close the connection itself.

A handler that ends has closed the connection. So one that accepts, sees that the credential is missing, at most
says so, and returns, has denied.
"""

from __future__ import annotations

from backend_gate.backend.decisions import Origin, origins
from backend_gate.backend.public_work import touches_nothing
from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.values import Absent, External, alternatives
from backend_gate.backend.vocabulary import Vocabulary

SOCKET = "starlette.websockets.WebSocket."
_SAYS = frozenset(
    {
        "accept",
        "close",
        "receive",
        "receive_text",
        "receive_json",
        "receive_bytes",
        "send",
        "send_text",
        "send_json",
        "send_bytes",
    }
)
_KNOWN = frozenset({Origin.ABSENT, Origin.REQUEST, Origin.DEPLOYMENT})


def only_turns_away(trace: Trace, vocabulary: Vocabulary) -> bool:
    """A run without a credential has noticed that, and has done nothing but to say it and to end."""
    return (
        bool(trace.missed)
        and not trace.gave_up
        and trace.first_effect is None
        and touches_nothing(trace, vocabulary, apart_from=_is_notice)
    )


def _is_notice(event: CallEvent) -> bool:
    """The socket is accepted, waits, or sends what holds nothing that is stored; or the missing credential is read."""
    callees = list(alternatives(event.callee))
    if all(isinstance(callee, Absent) for callee in callees):
        return True
    names = [
        callee.name for callee in callees if isinstance(callee, External) and callee.name.startswith(SOCKET)
    ]
    if len(names) < len(callees) or not all(name.removeprefix(SOCKET) in _SAYS for name in names):
        return False
    return all(origins(value) <= _KNOWN for value in event.arguments.all())
