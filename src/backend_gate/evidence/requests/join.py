"""Joins the requests of tests to endpoints, where coverage data says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from backend_gate.backend.interpreter import Interpreter
from backend_gate.backend.library import NATIVES
from backend_gate.backend.model import Endpoint, Place, Requested, TestRequest
from backend_gate.backend.modules import ModuleTable
from backend_gate.backend.vocabulary import Vocabulary
from backend_gate.discover.model import Unit
from backend_gate.evidence.requests.code import TestCode
from backend_gate.evidence.requests.files import LazyFacts, suites_by_file, test_files
from backend_gate.evidence.requests.matching import Routes
from backend_gate.evidence.requests.model import Sent
from backend_gate.evidence.requests.reading import RequestReader

MAX_SHOWN = 3
"""So many requests are named for one endpoint."""


def join_requests(
    endpoints: Sequence[Endpoint], unit: Unit, root: Path, vocabulary: Vocabulary, jobs: int | None = None
) -> None:
    """Note at every endpoint whether the code of the tests sends requests to it.

    Nothing is noted if the tests are not seen to send any request that one of the endpoints answers: they may test
    in another way, or from elsewhere.
    """
    files = test_files(root, unit) if endpoints else []
    if not files:
        return
    facts = LazyFacts(root, unit)
    facts.read(files, jobs)
    modules = ModuleTable({name: path for name, path in unit.modules.by_name.items() if path in facts}, facts)
    interpreter = Interpreter(modules, vocabulary, NATIVES, lambda text: None)
    mounted = {
        place for endpoint in endpoints for place in endpoint.mounted if any(endpoint.mounted.values())
    }
    requests = RequestReader(interpreter, TestCode(modules, files), mounted).requests()
    note_requests(endpoints, requests, suites_by_file(unit.settings, root))


def note_requests(
    endpoints: Sequence[Endpoint], requests: Iterable[Sent], suites_of: Callable[[str], tuple[str, ...]]
) -> None:
    """Note at every endpoint which of the requests are for it."""
    routes = Routes(endpoints)
    certain: dict[int, dict[Place, None]] = {}
    possible: dict[int, Place] = {}
    for sent in requests:
        found, may_be = routes.of(sent)
        for endpoint in found:
            certain.setdefault(id(endpoint), {})[sent.place] = None
        for endpoint in may_be:
            possible.setdefault(id(endpoint), sent.place)
    if not certain:
        return
    for endpoint in endpoints:
        places = sorted(certain.get(id(endpoint), ()))
        if places:
            by = [TestRequest(place, suites_of(place.file)) for place in places]
            suites = sorted({suite for request in by for suite in request.suites})
            endpoint.requested = Requested("yes", tuple(by[:MAX_SHOWN]), tuple(suites))
        elif (place := possible.get(id(endpoint))) is not None:
            reason = f"the request at {place.file}:{place.span.line} may be for it"
            endpoint.requested = Requested("unknown", reason=reason)
        else:
            endpoint.requested = Requested("no")
