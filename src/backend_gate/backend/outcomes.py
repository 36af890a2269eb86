"""What a run without credentials shows of a guard: it denies, it passes, a setting decides, or nobody can tell."""

from __future__ import annotations

import enum
import re
from typing import NamedTuple, TypeGuard

from backend_gate.backend import decisions, guest_ways
from backend_gate.backend.decisions import Origin
from backend_gate.backend.dependencies import callable_name
from backend_gate.backend.model import Condition, Opening, Place, Step
from backend_gate.backend.shown import Shown
from backend_gate.backend.trace import (
    SOCKET_MESSAGE,
    USER_OF_REQUEST,
    CallEvent,
    RaiseEvent,
    ReturnEvent,
    Trace,
    exception_class,
    status_number,
    status_of,
)
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import (
    Absent,
    Constant,
    Derived,
    External,
    GivenUp,
    Input,
    Instance,
    Setting,
    TextValue,
    Unknown,
    Value,
    alternatives,
    missing_credential,
)
from backend_gate.facts import model as ir

DECIDING_CALL = re.compile(
    r"verify|decode|validate|authenticat|authoriz|check|introspect|login|unsign|decrypt|permission|allow|guard|"
    r"(?<![a-z])(require(?!d|ment)|ensure|enforce|assert)",
    re.IGNORECASE,
)
_TAKES_CREDENTIAL = re.compile(
    r"auth|secur|user|token|api_?key|identity|session|credential|principal|claims|resolve", re.IGNORECASE
)
"""What may decide as well where it is given the very credential that is missing."""
_KNOWS_CALLER = re.compile(
    r"^(get|require|verify|validate|check)_?.*(session|user|auth|identity)|authenticat", re.IGNORECASE
)
_GIVES_CALLER = re.compile(
    r"(?<![a-z])(current|signed_?in|logged_?in)_?(user|member|account|principal|identity)", re.IGNORECASE
)
"""What an object is asked for that knows who calls; it may deny as well."""
_AUTH = re.compile(r"(?<![a-z])auth(?!or(?!i))", re.IGNORECASE)
_NO_GUARD = re.compile(
    r"(?<![a-z])(rate|(rate_?)?limit(er)?|throttl(e|er|ing)|quota|schema|(feature_?)?flag|feature|cache|[cx]srf)s?"
    r"(?![a-z])",
    re.IGNORECASE,
)
"""What else is asked whether a request may go on: how often it came, what form it has, which features there are."""
_REQUESTS = (
    "starlette.requests.Request",
    "starlette.requests.HTTPConnection",
    "starlette.websockets.WebSocket",
)


_OF_KEYS = re.compile(r"keys?\b|token|secret|credential|password|signature", re.IGNORECASE)
_STATES = (
    *(f"{request}.app.state." for request in _REQUESTS),
    "starlette.datastructures.State.",
)


_SIGN_IN_PAGE = re.compile(r"log[-_]?(in|on)|sign[-_]?in|(^|/)auth(/|$)|session", re.IGNORECASE)
_MAX_DEPTH = 4


class Effect(enum.Enum):
    """What a callable does with a request that carries no credential."""

    DENIES = "denies"
    CONDITIONAL = "denies unless a setting says otherwise"
    PASSES = "lets it through"
    UNKNOWN = "cannot be told"


class Refusal(NamedTuple):
    """Something that ends a run: where, with what status, and under which conditions."""

    place: Place | None
    status: int | None
    conditions: tuple[Condition, ...]


class Outcome:
    """The result of running one callable without credentials.

    ``value`` is what it gives where it lets the request through; ``reads`` says that it reads a credential,
    ``refuses`` that it raises for whatever reason. ``openings`` are the ways through it that settings open,
    ``delegated`` the library calls that were given the missing credential; ``answers`` are those that deny.
    ``messages``: messages of a websocket are all that it reads; ``asks_user``: it reads ``request.user`` or
    ``request.auth``; ``never_passes``: no way through it was found, whatever stops a request; ``fields``: credentials
    among the fields of a form that it misses; ``read_headers`` are
    those that may be credentials though they have no name of one, ``headers`` the same if it refuses some requests
    (see :func:`deciding_headers`); ``refusals`` is all that ends a run of it, or of what it depends on (see
    :func:`denies_for_want`).
    ``varies``: another path may have another outcome; ``varies_by_method``: another method may. Of a handler:
    ``finds_nothing`` where an answer of it has the status 404, ``issues`` if it makes a token or sets a cookie,
    ``serves_guests`` if it asks itself whether somebody has signed in; ``unproved`` if it gives a new password,
    or a token to get one, to whoever asks; ``shown`` is what else its run shows.
    """

    __slots__ = (
        "answers",
        "asks_user",
        "delegated",
        "denials",
        "effect",
        "fields",
        "finds_nothing",
        "headers",
        "issues",
        "messages",
        "name",
        "never_passes",
        "openings",
        "place",
        "read_headers",
        "reads",
        "reason",
        "refusals",
        "refuses",
        "serves_guests",
        "settings",
        "shown",
        "steps",
        "touches_nothing",
        "unproved",
        "value",
        "varies",
        "varies_by_method",
        "verifier",
    )

    def __init__(self, name: str, place: Place | None) -> None:
        self.name = name
        self.place = place
        self.effect = Effect.PASSES
        self.value: Value = Unknown("not run")
        self.reads = False
        self.messages = False
        self.asks_user = False
        self.never_passes = False
        self.fields: list[str] = []
        self.headers: frozenset[str] = frozenset()
        self.read_headers: list[str] = []
        self.refusals: frozenset[Refusal] = frozenset()
        self.refuses = False
        self.finds_nothing = False
        self.issues = False
        self.serves_guests = False
        self.unproved = False
        self.reason = ""
        self.settings: list[str] = []
        self.steps: list[Step] = []
        self.denials: list[RaiseEvent] = []
        self.answers: list[ReturnEvent] = []
        self.openings: list[Opening] = []
        self.delegated: list[str] = []
        self.varies = False
        self.varies_by_method = False
        self.touches_nothing = False
        self.shown = Shown()
        self.verifier = ""

    def become(self, other: Outcome) -> None:
        """Take everything over from another run of the same callable."""
        for name in self.__slots__:
            setattr(self, name, getattr(other, name))


def deciding_headers(outcome: Outcome, trace: Trace, returns: list[ReturnEvent]) -> frozenset[str]:
    """The headers of a run that goes on, and refuses others whose header it does not like, whatever that is called.

    401 says that it is about who asks; 403 says so where what the header is compared with is called a key.
    """
    if outcome.effect not in (Effect.PASSES, Effect.CONDITIONAL) or not trace.headers:
        return frozenset()
    refuses = any(map(_is_about_who_asks, refusals(trace, returns)))
    return frozenset(trace.headers) if refuses else frozenset()


def refusals(trace: Trace, returns: list[ReturnEvent]) -> frozenset[Refusal]:
    """All that a run ends with besides what it goes on with: what it raises, and the responses that it makes."""
    found = [Refusal(event.place, status_of(event.exception), event.conditions) for event in trace.raises]
    found += [
        Refusal(event.place, _status_of_answer(answer), event.conditions)
        for event in returns
        for answer in alternatives(event.value)
        if isinstance(answer, Instance) and isinstance(answer.cls, External)
    ]
    return frozenset(found)


def _is_about_who_asks(refusal: Refusal) -> bool:
    if not refusal.conditions:
        return False
    return refusal.status == 401 or (
        refusal.status == 403 and _OF_KEYS.search(refusal.conditions[-1].text) is not None
    )


def denies_for_want(lacking: Outcome, before: Outcome) -> bool:
    """Whether a run without headers denies because they are credentials; ``before`` is the run that had them.

    What ends both runs under the same conditions has nothing to do with the headers. Whatever ends the one that
    lacks them, and not the other, has to be about who asks: 400 for want of a tenant says nothing of that.
    """
    others = lacking.refusals - before.refusals
    keys = {refusal.place for refusal in before.refusals if _is_about_who_asks(refusal)}
    return (
        lacking.effect is Effect.DENIES
        and bool(others)
        and all(other.status == 401 or (other.status == 403 and other.place in keys) for other in others)
    )


def conclude(outcome: Outcome, trace: Trace, value: Value, *, is_dependency: bool) -> None:
    """Set the effect of a dependency or handler from a run of it, and what it gives."""
    outcome.value = value
    passes = []
    for event in trace.returns:
        if not is_dependency and _is_denial_answer(trace, event):
            outcome.answers.append(event)
            outcome.steps.append(
                Step(event.place, "a request without a credential is answered with a denial")
            )
        else:
            passes.append(event)
    if not is_dependency and (outcome.answers or any(decisions.is_denial(trace, e) for e in trace.raises)):
        # "Not available", said to whoever asks before the guard is asked, lets nobody through.
        passes = [event for event in passes if not _is_failure(event)]
    if not is_dependency and not passes:
        # Where the code of a deployment leaves something out, nobody is turned away: it is not there for anybody.
        left_out = [event for event in trace.raises if _is_left_out(event)]
        passes = [ReturnEvent(event.exception, event.place, event.conditions) for event in left_out]
    decide(outcome, trace, passes, denied_by_answer=bool(outcome.answers))
    outcome.fields = trace.fields
    outcome.read_headers = trace.headers
    outcome.headers = deciding_headers(outcome, trace, trace.returns)
    outcome.refusals |= refusals(trace, [] if is_dependency else trace.returns)


def _is_left_out(event: RaiseEvent) -> bool:
    cls = exception_class(event.exception)
    return isinstance(cls, External) and cls.name == "builtins.NotImplementedError"


def decide(outcome: Outcome, trace: Trace, passes: list[ReturnEvent], *, denied_by_answer: bool) -> None:
    """Set the effect from the ways out of a run: ``passes`` let the request through."""
    outcome.reads = outcome.reads or bool(trace.credentials) or isinstance(outcome.value, Absent)
    outcome.messages = bool(trace.credentials) and all(
        label == SOCKET_MESSAGE for _, label in trace.credentials
    )
    outcome.asks_user = outcome.asks_user or any(label == USER_OF_REQUEST for _, label in trace.credentials)
    outcome.refuses = bool(trace.raises)
    outcome.denials = denials = [e for e in trace.raises if decisions.is_denial(trace, e)]
    outcome.steps += [
        Step(place, f"reads {label}") for place, label in trace.credentials[:3] if place is not None
    ]
    outcome.steps += [Step(e.place, f"denies with {_denial_text(e)}") for e in denials[:2]]
    has_denial = denied_by_answer or bool(denials)
    outcome.delegated = list(dict.fromkeys(name for _, name in trace.delegated))
    if trace.ended_early and outcome.reads:
        outcome.effect = Effect.UNKNOWN
        outcome.reason = f"{outcome.name} takes too many steps to follow"
        return
    outcome.never_passes = not passes
    if not passes:
        outcome.effect = Effect.DENIES if has_denial else Effect.PASSES
        return
    asked = _asked(trace, passes, denials)
    outcome.reads = outcome.reads or bool(asked)
    settings = [decisions.settings_of(trace, way.conditions) for way in passes]
    open_ways = [way for way, names in zip(passes, settings, strict=True) if not names]
    # What is raised in a call leaves no condition behind it that says under which others it goes on.
    always = all(e.implicit for e in trace.raises) and decisions.leave_nothing_out(
        way.conditions for way in passes
    )
    if always and not open_ways:
        open_ways = passes
    if not open_ways and has_denial:
        outcome.effect = Effect.CONDITIONAL
        ways = [decisions.deciding(way.conditions, denials) for way in passes]
        named = [
            decisions.settings_of(trace, way) or names for way, names in zip(ways, settings, strict=True)
        ]
        outcome.settings = list(dict.fromkeys(name for names in named for name in names))
        outcome.openings = [opening for way in ways for opening in decisions.openings_of(trace, way)]
        return
    deciding = [name for _, name in trace.delegated if _may_decide(name.rsplit(".", 1)[-1])]
    hidden = unknown_deciders(trace) or asked
    if hidden or (outcome.reads and deciding and any(isinstance(e.value, Unknown) for e in passes)):
        outcome.effect, outcome.reads = Effect.UNKNOWN, True
        decider = hidden[0] if hidden else deciding[0]
        outcome.reason = f"whether {decider} denies a request without a credential is not known"
        return
    certain = always or any(all(c.by_default is not None for c in e.conditions) for e in open_ways)
    free = any(decisions.is_free(trace, e.conditions) for e in open_ways)
    if has_denial and outcome.reads and not certain and not free:
        outcome.effect = Effect.UNKNOWN
        text = open_ways[0].conditions[-1].text if open_ways and open_ways[0].conditions else ""
        outcome.reason = f"{outcome.name} lets a request without a credential through if {text}"
        return
    outcome.effect = Effect.PASSES


def _asked(trace: Trace, passes: list[ReturnEvent], denials: list[RaiseEvent]) -> list[str]:
    """Who is asked before a denial, and is not followed; every way past the denial depends on the answer."""
    if not denials or any(
        not any(Origin.ASKED in decisions.decided_by(trace, c) for c in way.conditions)
        for way in passes
        if not decisions.settings_of(trace, way.conditions)
    ):
        return []
    ways = [*(e.conditions for e in denials), *(e.conditions for e in passes)]
    found = (decisions.who_was_asked(trace, conditions) for conditions in ways)
    return list(filter(None, found))


def comes_too_late(outcome: Outcome, trace: Trace) -> bool:
    """Every denial comes after an effect: the guard no longer protects what it follows."""
    numbers = [e.number for e in trace.raises[:1]] + [e.number for e in outcome.answers]
    return bool(numbers) and trace.first_effect is not None and trace.first_effect <= min(numbers)


def unknown_deciders(trace: Trace) -> list[str]:
    """Calls that are not followed to their end, named like a check, and given the request or a part of it."""
    found: list[str] = []
    for event in trace.calls:
        callees = list(alternatives(event.callee))
        is_hidden = any(
            type(callee) in (Unknown, Setting) or _is_kept_object(callee, event) for callee in callees
        )
        if any(
            isinstance(callee, External) and _is_given_request(callee, event) for callee in callees
        ) or any(isinstance(callee, External) and _turns_refusal_into_error(callee) for callee in callees):
            found.append(unparse(event.node.function))
            continue
        if not is_hidden and not any(type(callee) in (Derived, GivenUp) for callee in callees):
            continue
        name = unparse(event.node.function)
        last, given = name.rsplit(".", 1)[-1], event.arguments.all()
        lacks = any(missing_credential(value) is not None for value in given)
        if not lacks and _NO_GUARD.search(name):
            continue  # by its name what is asked is a limiter, or a schema
        if (
            (is_hidden and DECIDING_CALL.search(last) and any(map(decisions.is_request_part, given)))
            or (is_hidden and _gives_caller(callees, name) and any(map(_is_request, given)))
            or (_may_decide(last) and lacks)
        ):
            found.append(name)
    found += [name for name in trace.unfollowed if DECIDING_CALL.search(name.rsplit(".", 1)[-1])]
    return found


def _gives_caller(callees: list[Value], name: str) -> bool:
    """``people.current_user``, or ``auth.user``, which the application may keep under another name."""
    owner, _, last = name.rpartition(".")
    owners = [owner, *(callee.name.rpartition(".")[0] for callee in callees if isinstance(callee, External))]
    is_auth = any(map(_AUTH.search, owners))
    return bool(_GIVES_CALLER.search(last) or (is_auth and _TAKES_CREDENTIAL.search(last)))


def _turns_refusal_into_error(callee: External) -> bool:
    """``response.raise_for_status()``, of a service that was given the credential."""
    return (
        callee.owner is not None
        and callee.name.endswith(".raise_for_status")
        and decisions.was_asked(callee.owner)
    )


def _is_given_request(callee: External, event: CallEvent) -> bool:
    """A library that is named like one that knows sessions is given the whole request."""
    if callee.name.startswith(("fastapi.", "starlette.", "backend_gate.", "builtins.")):
        return False
    return bool(_KNOWS_CALLER.search(callee.name.rpartition(".")[2])) and any(
        map(_is_request, event.arguments.all())
    )


def _is_request(value: Value) -> bool:
    return isinstance(value, Instance) and isinstance(value.cls, External) and value.cls.name in _REQUESTS


def _is_kept_object(callee: Value, event: CallEvent) -> bool:
    """A method of what somebody has put into the state of the request or of the application."""
    if not isinstance(event.node.function, ir.Attribute):
        return False
    return isinstance(callee, (Absent, Input)) or (
        isinstance(callee, External) and any(map(callee.name.startswith, _STATES))
    )


def _may_decide(name: str) -> bool:
    """Whether what is called so may deny, given the credential: no class that only holds it."""
    return bool(DECIDING_CALL.search(name) or (_TAKES_CREDENTIAL.search(name) and not name[:1].isupper()))


def _is_denial_answer(trace: Trace, event: ReturnEvent) -> bool:
    """An answer that denies: 401, 403, or a redirect (to the login) of those who have no credential."""
    found = list(alternatives(event.value))
    return bool(found) and all(
        _is_redirect_of_guests(trace, event, one) if _is_redirect(one) else _denies(one) for one in found
    )


def _is_redirect_of_guests(trace: Trace, event: ReturnEvent, answer: Instance) -> bool:
    """Whoever has a credential goes another way than the one that ends in a redirect."""
    if any(guest_ways.are_for_guests(trace, place) for place in (event.place, answer.place)):
        return True
    undecided = [c for c in event.conditions if c.by_default is None]
    found = frozenset[Origin]().union(*(decisions.decided_by(trace, c) for c in undecided))
    if found & {Origin.ABSENT, Origin.ASKED}:
        return True
    # A row that was looked up by a credential tells no more that it was; where it sends who is not found does.
    looked_up = bool(trace.credentials) and bool(found & {Origin.STORED, Origin.UNKNOWN})
    return looked_up and _is_to_sign_in(answer)


def _is_to_sign_in(value: Value, depth: int = 0) -> bool:
    """The address of a redirect is that of a sign-in page."""
    if isinstance(value, Constant):
        return isinstance(value.value, str) and _SIGN_IN_PAGE.search(value.value) is not None
    if isinstance(value, TextValue):
        return _SIGN_IN_PAGE.search("".join(p for p in value.parts if isinstance(p, str))) is not None
    given = [*value.arguments, *value.keywords.values()] if isinstance(value, Instance) else []
    return depth < _MAX_DEPTH and any(_is_to_sign_in(one, depth + 1) for one in given)


def _is_failure(event: ReturnEvent) -> bool:
    """Before anything was done, it is answered with a status which says that nothing will be."""
    found = list(alternatives(event.value))
    return (
        event.number == 0
        and bool(found)
        and all(
            isinstance(one, Instance)
            and isinstance(one.cls, External)
            and (_status_of_answer(one) or 0) >= 400
            for one in found
        )
    )


def finds_nothing(trace: Trace) -> bool:
    """One of the answers has the status 404."""
    return any(
        isinstance(one, Instance) and isinstance(one.cls, External) and _status_of_answer(one) == 404
        for event in trace.returns
        for one in alternatives(event.value)
    )


def fails(trace: Trace) -> bool:
    """Whatever is asked, the answer is a failure: what stood here is gone."""
    found = [one for event in trace.returns for one in alternatives(event.value)]
    return bool(found) and all(
        isinstance(one, Instance) and isinstance(one.cls, External) and (_status_of_answer(one) or 0) >= 400
        for one in found
    )


_NOTHING_THERE = frozenset({405, 410, 501})
"""A handler that answers with nothing but these does nothing for anybody."""


def only_refuses(trace: Trace) -> bool:
    """A handler ends in nothing but refusals by status: what it does for others depends on something unseen.

    ``if not settings.callback: raise HTTPException(400)``, where whoever runs it sets the callback.
    """
    return (
        not trace.returns
        and not trace.gave_up
        and trace.first_effect is None
        and bool(trace.raises)
        and not all(status_of(event.exception) in _NOTHING_THERE for event in trace.raises)
        and all(
            not event.implicit and 400 <= (status_of(event.exception) or 0) < 600 for event in trace.raises
        )
    )


def only_redirects(trace: Trace) -> bool:
    """Every way out of a handler sends the client to another address."""
    found = [one for event in trace.returns for one in alternatives(event.value)]
    return bool(found) and all(map(_is_redirect, found))


def _is_redirect(value: Value) -> TypeGuard[Instance]:
    return (
        isinstance(value, Instance)
        and isinstance(value.cls, External)
        and value.cls.name.endswith("RedirectResponse")
    )


def _denies(value: Value) -> bool:
    if not isinstance(value, Instance) or not isinstance(value.cls, External):
        return False
    return _status_of_answer(value) in (401, 403)


def _status_of_answer(value: Instance) -> int | None:
    """The status that a response of the framework is made with."""
    given = value.keywords.get("status_code")
    if given is None and len(value.arguments) > 1:
        given = value.arguments[1]
    return status_number(given) if given is not None else None


def is_refusal(event: RaiseEvent) -> bool:
    """What is raised answers 401 or 403."""
    return status_of(event.exception) in (401, 403)


def _denial_text(event: RaiseEvent) -> str:
    status = status_of(event.exception)
    if status is not None:
        return f"status {status}"
    return callable_name(event.exception).rsplit(".", 1)[-1]
