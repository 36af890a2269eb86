"""BG201: a request body of an open type that nothing checks."""

from __future__ import annotations

from collections.abc import Iterator

from backend_gate.rules.bodies import RAW, HandlerBody, open_bodies
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.phrases import doing
from backend_gate.rules.project import Project

_OPEN = {
    "open-mapping": "which accepts any keys and values",
    "open-list": "whose items may be anything",
    "open-union": "one arm of which accepts anything",
    "open-alias": "an alias of a type that accepts anything",
    "open-root-model": "a model around a type that accepts anything",
    "open-model": "a model without fields that keeps every extra key",
}


def untyped_request_body(project: Project) -> Iterator[Finding]:
    """One finding a body position that is neither validated inside nor passed on unread."""
    for position in open_bodies(project):
        body = position.body
        if body.validated or body.forwarded:
            continue
        yield position.finding(
            "untyped-request-body",
            Severity.ERROR,
            _message(position),
            "Declare a Pydantic model with the fields you use and take it as the parameter's type.",
        )


def _message(position: HandlerBody) -> str:
    body, takes = position.body, doing(position.routes, "takes", "take")
    if body.shape == RAW:
        uses = doing(position.routes, "uses", "use")
        return f"{uses} `{body.name}` as the client sent it: no field of the body is checked"
    if body.shape == "unannotated":
        return f"{takes} the body as `{body.name}` without a type: a client can send anything"
    return (
        f"{takes} the body as `{body.name}: {body.annotation}`, {_OPEN[body.shape]}: "
        "nothing checks what a client sends"
    )
