"""What a handler does with a body that the framework does not check.

Three questions: does everything that is used pass a validator first, does it only go on to another service,
and is it bytes whose sender is checked? The answers come from normal runs (see
:mod:`backend_gate.backend.runs`): each use of the body and of its parts is judged by where it goes, in the
order and under the conditions of the run.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from backend_gate.backend import bodies
from backend_gate.backend.body_flow import PARSED
from backend_gate.backend.body_uses import Kind, Use, UseReader
from backend_gate.backend.model import Body, Endpoint, Place, Step
from backend_gate.backend.runs import NormalRuns, Run
from backend_gate.backend.signatures import signature_of
from backend_gate.backend.values import (
    BodyInput,
    BodyOrigin,
    Class,
    External,
    Instance,
    Unknown,
    Value,
    alternatives,
)

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.link import Operation

REQUEST = "starlette.requests.Request"
_UPLOAD = frozenset({"file", "filename", "content_type", "read", "seek", "size", "headers", "close"})
_SHOWN = 3
_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})
"""Methods that give a body no meaning."""
_LOOKS = frozenset({Kind.PART, Kind.NEUTRAL, Kind.RELIED})
_GOES_ON = frozenset({Kind.OUTBOUND, Kind.UNKNOWN})
_OPEN_ENDS = frozenset({Kind.OPENED, Kind.COLLECTED})
_HARMLESS = frozenset({Kind.OUTBOUND, Kind.VALIDATOR, Kind.NEUTRAL})
"""What can be done with a text or number whose type was tested without that anything is left to check."""


class Status(enum.IntEnum):
    """What happens to a body or to a part of it."""

    RAW = 0
    UNKNOWN = 1
    FORWARDED = 2
    VALIDATED = 3
    TYPED = 4
    UPLOAD = 5
    CHECKED = 6
    UNUSED = 7


class BodyJudge:
    """Judges the bodies of the endpoints of one linked unit."""

    def __init__(self, interpreter: Interpreter, runs: NormalRuns) -> None:
        self.interpreter = interpreter
        self.runs = runs
        self.reader = UseReader(interpreter)
        self._takes: dict[int, bool] = {}

    def judge(self, endpoint: Endpoint, operation: Operation) -> None:
        """Complete the body parameters of an endpoint, and add the body that it reads from the request."""
        if endpoint.methods == ["WEBSOCKET"]:
            return
        declared = any(b.source == "parameter" and not b.untyped for b in endpoint.bodies)
        dependencies, handlers = self._relevant_runs(endpoint, operation)
        uses = BodyUses(self.reader, dependencies, handlers)
        for body in endpoint.bodies:
            origins = [o for o in uses.origins if o.kind == "parameter" and o.place == body.place]
            if origins and body.untyped:
                _complete(body, uses, origins)
        # What the framework checks as well is no open body, whoever looks at the request before.
        if not declared:
            reads = [o for o in uses.origins if o.kind != "parameter" and not uses.is_beside(o)]
            if _WITHOUT_BODY.issuperset(endpoint.methods):
                reads = [
                    o for o in reads if not uses.is_spare(o) and uses.body_status(o) is not Status.FORWARDED
                ]
            if reads:
                endpoint.bodies += _read_from_request(uses, reads)

    def _relevant_runs(self, endpoint: Endpoint, operation: Operation) -> tuple[list[Run], list[Run]]:
        """The runs that can touch the body: a handler that gets none of it does not run."""
        open_places = {body.place for body in endpoint.bodies if body.untyped}
        found: list[Run] = []
        for node in operation.nodes():
            if self._takes_body(node.value, open_places):
                run = self.runs.dependency(node, endpoint)
                if run is not None and run.trace.touches and all(run is not other for other in found):
                    found.append(run)
        is_plain = endpoint.framework == "starlette"
        if found or is_plain or self._takes_body(operation.handler, open_places):
            return found, self.runs.handler(endpoint, operation)
        return found, []

    def _takes_body(self, value: Value, open_places: set[Place]) -> bool:
        signature = signature_of(self.interpreter, value) if not isinstance(value, Unknown) else None
        if signature is None:
            return False
        if any(p.place in open_places for p in signature.parameters):
            return True
        key = id(value)
        if key not in self._takes:
            self._takes[key] = any(
                (p.name == "request" and p.annotation is None) or self._is_request(p.annotation)
                for p in signature.parameters
            )
        return self._takes[key]

    def _is_request(self, annotation: Value | None) -> bool:
        vocabulary = self.interpreter.vocabulary
        for arm in bodies.arms(annotation):
            names = vocabulary.externals(arm) if isinstance(arm, Class) else []
            if isinstance(arm, External):
                names = [arm.name]
            if any(REQUEST in vocabulary.hierarchy(name) for name in names):
                return True
        return False


class BodyUses:
    """The uses of all bodies in the runs of one endpoint, as trees of parts."""

    def __init__(self, reader: UseReader, dependencies: list[Run], handlers: list[Run]) -> None:
        self.roots: dict[BodyOrigin, list[BodyInput]] = {}
        self.children: dict[int, list[BodyInput]] = {}
        self.uses: dict[int, list[Use]] = {}
        self.first: dict[int, Use] = {}
        self.taken: dict[int, Use] = {}
        self.written: set[Place | None] = set()
        self._known: dict[int, BodyInput] = {}
        self._status: dict[int, Status] = {}
        self._sent_on: set[Place] | None = None
        self._handed: set[BodyOrigin] = set()
        self._own: set[BodyOrigin] = set()
        self._read_by: dict[BodyOrigin, Run] = {}
        self._dependencies = dependencies
        runs = [*dependencies, *handlers]
        traces = [(run, trace) for run in runs for trace in (run.trace, run.later)]
        for number, (run, trace) in enumerate(traces):
            for value, use in reader.read(trace, number):
                self._add(value)
                if use.kind is Kind.PART and value.parent is None:
                    self._own.add(value.origin)
                if self._read_by.setdefault(value.origin, run) is not run:
                    self._handed.add(value.origin)
                if use.kind is Kind.PART:
                    self.first.setdefault(id(value), use)
                elif use.kind is Kind.TAKEN:
                    self.taken.setdefault(id(value), use)
                elif use.kind is Kind.WRITTEN:
                    self.written.add(use.place)
                else:
                    self.uses.setdefault(id(value), []).append(use)

    @property
    def origins(self) -> list[BodyOrigin]:
        """Every body that is used or read; of those read from a request, what other handlers have left is none."""
        return [origin for origin in self.roots if origin.kind == "parameter" or origin in self._own]

    def _add(self, value: BodyInput) -> None:
        if id(value) in self._known:
            return
        self._known[id(value)] = value
        if value.parent is None:
            self.roots.setdefault(value.origin, []).append(value)
        else:
            self._add(value.parent)
            self.children.setdefault(id(value.parent), []).append(value)

    def is_beside(self, origin: BodyOrigin) -> bool:
        """A dependency reads the body for itself, to log or authorise: the handler gets nothing of it."""
        run = self._read_by[origin]
        if origin in self._handed or run not in self._dependencies:
            return False
        made = {u.place for u in self.all_uses(origin) if u.kind is Kind.VALIDATOR}
        return not any(isinstance(one, Instance) and one.place in made for one in alternatives(run.value))

    def is_spare(self, origin: BodyOrigin) -> bool:
        """All that is used of it is what the query, path or headers can say as well, where they do not say it."""
        found = False
        for value in self._known.values():
            if value.origin is origin:
                if _is_spare(value):
                    found = True
                elif (value.key and value.tested) or any(
                    use.kind not in _LOOKS for use in self.uses.get(id(value), [])
                ):
                    return False
        return found

    def all_uses(self, origin: BodyOrigin) -> Iterator[Use]:
        """The uses of a body and of all its parts."""
        for value in self._of(origin):
            yield from self.uses.get(id(value), [])

    def _of(self, origin: BodyOrigin) -> Iterator[BodyInput]:
        """A body and all its parts."""
        return (value for value in self._known.values() if value.origin is origin)

    def body_status(self, origin: BodyOrigin) -> Status:
        """What happens to a body as a whole."""
        roots: list[BodyInput] = []
        for root in self.roots[origin]:
            parsed = [part for part in self.children.get(id(root), []) if root.raw and not part.raw]
            if self._passes_through(root) and not any(self._is_read(part) for part in parsed):
                return Status.UPLOAD
            roots += parsed or [root]
        if all(map(self._has_schema, roots)):
            return Status.VALIDATED
        found = {self.status(root) for root in roots}
        decoded = any(use.kind is Kind.PROTOCOL for use in self.all_uses(origin))
        if decoded or (all(root.raw for root in roots) and Status.VALIDATED not in found):
            return Status.UPLOAD
        first = min(found)
        if first is Status.TYPED:
            return Status.VALIDATED
        if first is Status.CHECKED:
            is_used = any(map(self._is_tested, roots)) and not self._goes_on_otherwise(origin)
            return Status.RAW if is_used else Status.UNUSED
        return first

    def _has_schema(self, root: BodyInput) -> bool:
        """All of it, perhaps put together anew, is checked against a schema: what is read before only prepares that."""
        pending = [root]
        while pending:
            value = pending.pop()
            if any(use.by_schema for use in self.uses.get(id(value), [])):
                return True
            pending += [part for part in self.children.get(id(value), []) if part.key == "[]"]
        return False

    def _passes_through(self, value: BodyInput) -> bool:
        """Bytes that go on to another service as they came: a gateway is no reader."""
        return value.raw and any(use.kind is Kind.OUTBOUND for use in self.uses.get(id(value), []))

    def _is_read(self, value: BodyInput) -> bool:
        return value.tested or bool(self.children.get(id(value)))

    def _is_tested(self, value: BodyInput) -> bool:
        """A condition looks at it, or at a part of it: more than a line in a log."""
        return value.tested or any(self._is_tested(part) for part in self.children.get(id(value), []))

    def status(self, value: BodyInput) -> Status:
        """What happens to a value of the body, its parts included."""
        if id(value) not in self._status:
            self._status[id(value)] = self._find_status(value)
        return self._status[id(value)]

    def _find_status(self, value: BodyInput) -> Status:
        uses = self.uses.get(id(value), [])
        validators = [u for u in uses if u.kind is Kind.VALIDATOR]
        kinds = {u.kind for u in uses if not any(v.covers(u) for v in validators)} - {Kind.RELIED}
        if any(u.kind is Kind.RELIED for u in uses) and all(u.is_test or u.kind is Kind.RELIED for u in uses):
            kinds = set()  # it is used after a test of its type all the same, whatever that has shown
        # What is taken out of a body before the rest is validated is no part of what is validated.
        read = [p for p in self._unchecked(value, validators) if not (validators and p.taken)]
        goes_on = self._goes_on(value)
        parts = {self.part_status(part, whole_goes_on=goes_on) for part in read}
        is_typed = value.plain or (value.told_apart and all(use.is_test for use in uses))
        if value.plain:
            kinds &= _HARMLESS
        if Kind.RAW in kinds or Status.RAW in parts:
            return Status.RAW
        if validators or (Status.VALIDATED in parts and not kinds & _GOES_ON):
            return Status.VALIDATED
        if Kind.CONVERTED in kinds:
            return Status.RAW
        if not goes_on and any(self._has_key(p) and self.status(p) is Status.UNKNOWN for p in read):
            return Status.RAW  # read by its key: wherever it goes then, it has passed nothing
        if kinds & _GOES_ON or {Status.FORWARDED, Status.UNKNOWN} & parts:
            if any(self._relies_on_type(part) for part in read if not self._is_glance(part)):
                return Status.RAW
            if Kind.OUTBOUND in kinds or Status.FORWARDED in parts:
                return Status.UNKNOWN if self._leaves_open(read) else Status.FORWARDED
            return Status.TYPED if value.plain else Status.UNKNOWN
        if Kind.KEPT in kinds:
            return Status.RAW
        if kinds & _OPEN_ENDS:
            return Status.UNKNOWN
        if is_typed or Status.TYPED in parts:
            return Status.TYPED
        if Status.UPLOAD in parts:
            return Status.UPLOAD
        return Status.CHECKED if kinds or value.tested or parts else Status.UNUSED

    def _goes_on(self, value: BodyInput) -> bool:
        """It, or the whole that it is a part of, is sent to another service, or where nobody can follow.

        Put together anew (``{key: value for key, value in data.items() if …}``) it is still the whole.
        """
        if self._is_sent_on(value):
            return True
        if value.parent is not None:
            return self._goes_on(value.parent)
        return self._goes_on_otherwise(value.origin)

    def _is_sent_on(self, value: BodyInput) -> bool:
        whole = [value, *(part for part in self.children.get(id(value), []) if part.listed)]
        return any(use.kind in _GOES_ON for one in whole for use in self.uses.get(id(one), []))

    def _goes_on_otherwise(self, origin: BodyOrigin) -> bool:
        """The same call of the handler sends on what it reads: a helper reads a body as its content type tells."""
        if origin.kind == "parameter":
            return False
        if self._sent_on is None:
            self._sent_on = {
                value.origin.place
                for value in self._known.values()
                if value.parent is None or (value.parent.parent is None and value.parent.raw)
                if self._is_sent_on(value)
            }
        return origin.place in self._sent_on

    def _is_glance(self, part: BodyInput) -> bool:
        """What carries the whole to another service has read it, not the handler."""
        use = self.first.get(id(part)) or self.taken.get(id(part))
        return use is None or use.away

    def _relies_on_type(self, part: BodyInput) -> bool:
        """It, or a part of it, is taken for a dict or a text, and nothing has tested that."""
        return any(use.kind is Kind.RELIED for use in self.uses.get(id(part), [])) or any(
            self._relies_on_type(below) for below in self.children.get(id(part), [])
        )

    def _is_only_kept(self, part: BodyInput) -> bool:
        """It, and what is read of it, is put somewhere: into what is sent on, most likely."""
        kinds = {use.kind for use in self.uses.get(id(part), [])}
        below = self.children.get(id(part), [])
        if part.plain:
            return all(map(self._is_only_kept, below))
        return not kinds & {Kind.RAW, Kind.CONVERTED} and all(map(self._is_only_kept, below))

    def _leaves_open(self, parts: list[BodyInput]) -> bool:
        """A part of what is sent on as a whole goes, by itself, where nobody can follow."""
        return any(self.part_status(part, whole_goes_on=True) is Status.UNKNOWN for part in parts)

    def part_status(self, part: BodyInput, *, whole_goes_on: bool) -> Status:
        """The same for a part: to read one and send it on is more than to send all on unread.

        Where the whole goes on, a part that the code turns away where it does not like it may go anywhere: that is
        how it is chosen where the whole goes.
        """
        keys = {child.key for child in self.children.get(id(part), [])}
        if part.origin.kind == "form" and keys & _UPLOAD:
            return Status.UPLOAD
        status = self.status(part)
        use = self.first.get(id(part))
        if whole_goes_on and status is Status.RAW and self._is_glance(part) and self._is_only_kept(part):
            return Status.CHECKED
        if part.amended and part.parent is not None and status in (Status.RAW, Status.UNUSED):
            return Status.UNKNOWN  # what is used may have been put there by the code that was not followed
        if use is None:
            return status
        if status is Status.UNUSED:
            # A text is taken apart and dropped, something is put into a dict, or what carries the whole to another
            # service looks at a part on the way: nothing of it is used.
            if part.plain:
                return Status.TYPED
            dropped = part.key == PARSED or use.place in self.written or (whole_goes_on and use.away)
            return status if dropped else Status.RAW
        if status is Status.FORWARDED:
            return status if part.listed else Status.RAW
        if status is Status.UNKNOWN and whole_goes_on and self._has_key(part) and part.refused:
            return Status.CHECKED
        return status

    def _has_key(self, part: BodyInput) -> bool:
        """It was read by its key: it is neither an item nor the whole in another form."""
        return id(part) in self.first and part.key not in ("", "[]", PARSED)

    def _unchecked(self, value: BodyInput, validators: list[Use]) -> Iterator[BodyInput]:
        """The parts that are read before, or on a path without, one of the validators."""
        for part in self.children.get(id(value), []):
            use = self.first.get(id(part))
            if use is None or not any(v.covers(use) for v in validators):
                yield part

    def evidence(self, origin: BodyOrigin, kinds: frozenset[Kind]) -> list[Use]:
        """The first uses of some kinds, those in the file of the handler first."""
        found = [use for use in self.all_uses(origin) if use.kind in kinds]
        if not found and Kind.VALIDATOR in kinds:
            found = [
                self.first[id(v)]
                for v in self._of(origin)
                if (v.plain or v.told_apart) and id(v) in self.first
            ]
            found += [u for v in self._of(origin) if v.plain for u in self.uses.get(id(v), [])]
        if Kind.RAW in kinds:
            reads = [v for v in self._of(origin) if v.key]
            found += [self.first[id(v)] for v in reads if id(v) in self.first]
        elsewhere = {id(u): u.place is None or u.place.file != origin.place.file for u in found}
        places = {u.place: u for u in sorted(found, key=lambda u: (elsewhere[id(u)], u.order), reverse=True)}
        return list(reversed(places.values()))[:_SHOWN]


def _is_spare(value: BodyInput) -> bool:
    """It, or what it is a part of, stands in for another part of the request."""
    return value.spare or (value.parent is not None and _is_spare(value.parent))


_SHOWS = {
    Status.VALIDATED: frozenset({Kind.VALIDATOR}),
    Status.FORWARDED: frozenset({Kind.OUTBOUND}),
    Status.RAW: frozenset({Kind.RAW, Kind.KEPT, Kind.OUTBOUND, Kind.RELIED}),
    Status.UNKNOWN: frozenset({Kind.UNKNOWN}),
}


def _read_from_request(uses: BodyUses, reads: list[BodyOrigin]) -> Iterator[Body]:
    """The body that the reads of a request make together, if anything worth mentioning happens to it."""
    signed = [u for o in uses.origins for u in uses.all_uses(o) if u.kind is Kind.SIGNATURE]
    if signed:
        body = Body(reads[0].name, REQUEST, "raw-bytes", "request", reads[0].place)
        body.steps = _steps(signed[:1])
        yield body
        return
    found = [(uses.body_status(origin), number) for number, origin in enumerate(reads)]
    status, _ = min(found)
    if status in (Status.UNUSED, Status.UPLOAD):
        return
    alike = [o for (s, _), o in zip(found, reads, strict=True) if s is status]
    first = next((origin for origin in alike if origin.named), alike[0])
    body = Body(first.name, REQUEST, "raw-json", "request", first.place)
    _complete(body, uses, alike)
    body.steps = [*_ways(first), *body.steps]
    yield body


def _complete(body: Body, uses: BodyUses, origins: list[BodyOrigin]) -> None:
    """Say in ``body`` what happens to it."""
    status, number = min((uses.body_status(o), n) for n, o in enumerate(origins))
    body.validated = status is Status.VALIDATED
    body.forwarded = status is Status.FORWARDED
    body.steps = _steps(uses.evidence(origins[number], _SHOWS.get(status, frozenset())))
    if status is Status.UNKNOWN and body.source == "request":
        body.shape = "unresolved"
        body.reason = "what is done with the body cannot be followed"


def _steps(uses: Iterable[Use]) -> list[Step]:
    return [Step(use.place, use.text) for use in uses if use.place is not None]


def _ways(origin: BodyOrigin) -> list[Step]:
    """The call that reads the request, if it is not the one that the body is named after."""
    return [Step(place, "the request's body is read here") for place in origin.reads[1:][-1:]]
