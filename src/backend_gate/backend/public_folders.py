"""Files of a folder that belongs to the pages, of which the client names one that a test keeps inside of the folder."""

from __future__ import annotations

import re
from collections.abc import Iterator

from backend_gate.backend.model import Place
from backend_gate.backend.public_files import is_chosen, is_data, is_file, lies_with_pages
from backend_gate.backend.spans import is_made_in
from backend_gate.backend.trace import CallEvent, RaiseEvent, Trace, status_of
from backend_gate.backend.unparse import unparse
from backend_gate.backend.values import External, Value, alternatives

_CONTAINS = re.compile(
    r"relative|inside|within|contain|common_?(path|prefix)|safe_?(join|path)|startswith|travers"
)
"""What asks whether one path lies below another."""


def gives_kept_inside(trace: Trace) -> bool:
    """Every file that the client chooses is given only if it lies in a folder of the pages, and there is one."""
    tests = set(_tests(trace))
    files = [
        (one, way.conditions) for way in trace.returns for one in alternatives(way.value) if is_file(one)
    ]
    return any(any(c.place in tests for c in conditions) for _, conditions in files) and all(
        any(c.place in tests for c in conditions) or not is_chosen(one) for one, conditions in files
    )


def _tests(trace: Trace) -> Iterator[Place]:
    """The tests for which a path that leads out of such a folder is refused."""
    calls = [event for event in trace.calls if _CONTAINS.search(_last_name(event))]
    for refusal in filter(_refuses, trace.raises):
        for condition in refusal.conditions:
            inside = [event for event in calls if is_made_in(event, condition.place)]
            if any(_is_about_pages(event) for event in inside):
                yield condition.place


def _refuses(event: RaiseEvent) -> bool:
    return not event.implicit and status_of(event.exception) in (400, 403, 404)


def _last_name(event: CallEvent) -> str:
    return unparse(event.node.function).rpartition(".")[2].lower()


def _is_about_pages(event: CallEvent) -> bool:
    """The folder is fixed, named as pages have it, and none of data."""
    owners = [one.owner for one in alternatives(event.callee) if isinstance(one, External)]
    paths = [one for one in (*event.arguments.all(), *owners) if isinstance(one, Value)]
    folders = [one for one in paths if not is_chosen(one)]
    return any(map(lies_with_pages, folders)) and not any(map(is_data, folders))
