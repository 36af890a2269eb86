"""What an endpoint promises, in words: shared by the reports of a handoff."""

from __future__ import annotations

from collections.abc import Iterable

from backend_gate.backend.model import Endpoint
from backend_gate.report.routes import BY_REQUEST, LEGEND, tested_by
from backend_gate.report.sentences import ACCESS_WORDS

STATUS_LEGEND = (
    "Status: what the route declares and what its own code and its dependencies raise. "
    "The framework adds 200 where nothing is declared, and answers what does not fit the types."
)


def access_word(endpoint: Endpoint) -> str:
    """Who may call it."""
    return ACCESS_WORDS[endpoint.auth.verdict.value]


def body_words(endpoint: Endpoint) -> list[str]:
    """The types of its bodies."""
    return [_short(body.annotation) or body.name for body in endpoint.bodies if body.source != "request"]


def response_word(endpoint: Endpoint) -> str:
    """The type of its answer, or an empty text where it is not declared."""
    return _short(endpoint.response_model or "")


def statuses(endpoint: Endpoint) -> list[int]:
    """The status of success, if it is known, and those that its own code and its dependencies answer with."""
    own = {endpoint.status_code} if endpoint.status_code else set()
    errors = {branch.status for function in endpoint.code for branch in function.errors if branch.status}
    return sorted(own | errors)


def status_words(endpoint: Endpoint) -> list[str]:
    """The same as texts."""
    return [str(status) for status in statuses(endpoint)]


def test_words(endpoint: Endpoint) -> str:
    """The suites that run its handler."""
    return {"": "not measured", "?": "unknown"}.get(tested := tested_by(endpoint), tested)


def legend(endpoints: Iterable[Endpoint]) -> str:
    """What a mark among the words on tests means, or an empty text where there is none."""
    return LEGEND if any(BY_REQUEST in test_words(endpoint) for endpoint in endpoints) else ""


def _short(annotation: str) -> str:
    """A type without the modules of its names: ``Page[User]`` of ``app.paging.Page[app.users.User]``."""
    words: list[str] = []
    word = ""
    for character in annotation:
        if character.isidentifier() or character.isdigit() or character == ".":
            word += character
        else:
            words += [word.rpartition(".")[2], character]
            word = ""
    return "".join([*words, word.rpartition(".")[2]])
