"""Files that are the same for everybody: a picture, a script or a text of the pages, which no request chooses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend_gate.backend.public_answers import is_general
from backend_gate.backend.public_rows import RowReader, parts
from backend_gate.backend.public_work import only_computes
from backend_gate.backend.trace import CallEvent, Trace
from backend_gate.backend.values import (
    Absent,
    Alternatives,
    Constant,
    Derived,
    External,
    Input,
    Instance,
    TextValue,
    Value,
    alternatives,
)
from backend_gate.facts import model as ir

if TYPE_CHECKING:
    from backend_gate.backend.link import Operation
    from backend_gate.backend.model import Endpoint
    from backend_gate.backend.vocabulary import Vocabulary

_FILE_RESPONSE = "FileResponse"
_REDIRECT = "RedirectResponse"
_ASSET = re.compile(
    r"\.(png|jpe?g|gif|svg|ico|webp|avif|css|m?js|map|html?|txt|md|woff2?|ttf|otf|eot|webmanifest|wasm)$",
    re.IGNORECASE,
)
"""What pages are made of; logs, databases, tables and keys are not among it."""
_ASSET_TYPE = re.compile(r"(image|font)/|text/(html|css|javascript|markdown)|application/(javascript|wasm)")
_PAGE = re.compile(r"(^|/)index\.html?$", re.IGNORECASE)
_STATIC = frozenset({"static", "assets", "_next", "_app"})
_MAX_DEPTH = 10
_MAX_LEVELS = 40
_OF_DATA = frozenset(
    {
        "backup", "backups", "data", "export", "exports", "invoices", "log", "logs", "private", "report", "reports",
        "secret", "secrets", "tmp", "upload", "uploads",
    }
)  # fmt: skip
"""Folders of what the service keeps or makes, whatever kind a file in them is."""
_OF_PAGES = _STATIC | {
    "build",
    "client",
    "dist",
    "frontend",
    "html",
    "pages",
    "public",
    "site",
    "templates",
    "ui",
}
_WRITTEN = re.compile(r"\.(txt|html?|md)$", re.IGNORECASE)
"""Kinds of files that pages have, and that programs write as well."""
_LISTS = frozenset({"glob", "iglob", "iterdir", "listdir", "rglob", "scandir", "walk"})
"""What asks for the files that there are: they are none that the code knows."""


def sends_asset(operation: Operation, trace: Trace, vocabulary: Vocabulary, reader: RowReader) -> bool:
    """Every answer is a file of the pages, or the address of one, and nothing that the client sends says which.

    A parameter may choose among those that the code knows.
    """
    answers = list(_answers(trace))
    as_file = _response_class(operation).endswith(_FILE_RESPONSE)
    if trace.effects or trace.gave_up or any(_looks_around(event, reader) for event in trace.calls):
        return False
    return (
        any(_is_asset(one, as_file=as_file) for one in answers)
        and not any(is_chosen(one) or _is_something_else(one, as_file=as_file) for one in answers)
        and all(_keeps_to_itself(event, vocabulary) for event in trace.calls)
    )


def serves_pages(endpoint: Endpoint, trace: Trace) -> bool:
    """``GET /{path:path}`` or ``/ui/{path:path}`` that falls back to ``index.html``, and ``GET /static/{name}``."""
    segments = [s for s in endpoint.path.split("/") if s]
    files = [path for one in _answers(trace) if (path := _path_of(one)) is not None]
    if not files or not segments or not segments[-1].startswith("{") or any(map(is_data, files)):
        return False
    if len(segments) == 1 or (len(segments) == 2 and segments[0].lower() in _OF_PAGES - _STATIC):
        return any(map(_PAGE.search, set[str]().union(*map(_ends, files))))
    return segments[-2].lower() in _STATIC and is_general([s.lower() for s in segments[:-2]])


def sends_file(operation: Operation, trace: Trace) -> bool:
    """One of the answers is a file."""
    return _response_class(operation).endswith(_FILE_RESPONSE) or any(map(is_file, _answers(trace)))


def files_of(operation: Operation, trace: Trace) -> list[Value]:
    """The paths of the files that a run answers with; empty if it has other answers as well, but for redirects."""
    as_file = _response_class(operation).endswith(_FILE_RESPONSE)
    found: list[Value] = []
    for one in _answers(trace):
        path = _path_of(one)
        if path is not None or as_file:
            found.append(path or one)
        elif not is_redirect(one):
            return []
    return found


def are_pictures(trace: Trace) -> bool:
    """Every file that a run answers with is said to be a picture."""
    files = [one for one in _answers(trace) if isinstance(one, Instance) and is_file(one)]
    types = [one.keywords.get("media_type") for one in files]
    return bool(types) and all(
        isinstance(kind, Constant) and isinstance(kind.value, str) and kind.value.startswith("image/")
        for kind in types
    )


def is_text_of_name(path: Value, name: str) -> bool:
    """A text or page that is called ``name``: nothing that is sent or stored says which."""
    end = _end(path)
    folders = [part.lower() for text in texts_of(path) for part in text.split("/") if part]
    if not _WRITTEN.search(end) or end.rpartition("/")[2] != name or (_OF_DATA - {"data"}) & set(folders):
        return False
    return not is_chosen(path)


def gives_page(trace: Trace) -> bool:
    """Every answer is a page, a file or a redirect."""
    answers = list(_answers(trace))
    return bool(answers) and all(is_redirect(one) or is_file(one) or _is_page(one) for one in answers)


def _is_page(value: Value) -> bool:
    if not isinstance(value, Instance) or not isinstance(value.cls, External):
        return False
    if value.cls.name.endswith(("HTMLResponse", "TemplateResponse")):
        return True
    media_type = value.keywords.get("media_type")
    if media_type is None:  # a text of the code: one in place of the page
        given = value.arguments
        return value.cls.name.endswith(".Response") and bool(given) and isinstance(given[0], Constant)
    return isinstance(media_type, Constant) and media_type.value == "text/html"


def _answers(trace: Trace) -> Iterator[Value]:
    for event in trace.returns:
        for one in alternatives(event.value):
            if not (isinstance(one, Constant) and one.value is None):
                yield one


def _response_class(operation: Operation) -> str:
    response = operation.registration.route.attributes.get("response_class")
    return response.name if isinstance(response, External) else ""


def is_file(value: Value) -> bool:
    """A response that sends a file."""
    return _path_of(value) is not None


def _path_of(value: Value) -> Value | None:
    """The path of a file that is the answer."""
    if (
        isinstance(value, Instance)
        and isinstance(value.cls, External)
        and value.cls.name.endswith(_FILE_RESPONSE)
    ):
        return value.keywords.get("path") or next(iter(value.arguments), None)
    return None


def _is_asset(value: Value, *, as_file: bool) -> bool:
    """A file of the kinds that pages are made of."""
    path = _path_of(value)
    if is_data(path or value):
        return False
    if path is not None and isinstance(value, Instance):
        return _has_end(path) or _has_type(value.keywords.get("media_type"))
    return as_file and _has_end(value)


def _is_something_else(value: Value, *, as_file: bool) -> bool:
    """No file and no address; or a file of another kind. One of a kind that nobody knows stands for one that is."""
    path = _path_of(value)
    if path is None and not as_file:
        return not is_redirect(value)
    if _is_asset(value, as_file=as_file):
        return False
    media_type = value.keywords.get("media_type") if isinstance(value, Instance) else None
    return "." in _end(path or value).rpartition("/")[2] or isinstance(media_type, Constant)


def _looks_around(event: CallEvent, reader: RowReader) -> bool:
    """It reads rows, or asks which files there are: the answer is made of what is stored."""
    node = event.node.function
    name = node.name if isinstance(node, ir.Attribute) else getattr(node, "id", "")
    return name in _LISTS or any(
        isinstance(callee, External) and reader.is_store(callee.name) for callee in alternatives(event.callee)
    )


def is_data(path: Value) -> bool:
    """It lies in a folder named for data; or it may have been written, and lies far from the code and its pages."""
    return any(map(_is_data_text, alternatives(path)))


def lies_with_pages(path: Value) -> bool:
    """One of its folders is named as those of pages are."""
    folders = {part.lower() for text in texts_of(path) for part in text.split("/") if part}
    return bool(_OF_PAGES & folders)


def _is_data_text(path: Value) -> bool:
    texts = list(texts_of(path))
    folders = [part.lower() for text in texts for part in text.split("/") if part]
    if _OF_DATA & set(folders):
        return True
    is_absolute = any(text.startswith("/") for text in texts[:1])
    return is_absolute and bool(_WRITTEN.search(_end(path))) and not _OF_PAGES & set(folders)


def texts_of(path: Value, depth: int = 0) -> Iterator[str]:
    """The known pieces of a path, in order."""
    if isinstance(path, Constant):
        if isinstance(path.value, str):
            yield path.value
    elif isinstance(path, TextValue):
        for piece in path.parts:
            yield from [piece] if isinstance(piece, str) else texts_of(piece, depth + 1)
    elif depth <= _MAX_DEPTH:
        if isinstance(path, Instance) and isinstance(path.cls, External) and path.cls.owner is not None:
            yield from texts_of(path.cls.owner, depth + 1)
            inner = [*path.arguments, *path.keywords.values()]
        else:
            inner = list(parts(path))
        for part in inner:
            yield from texts_of(part, depth + 1)


def is_redirect(value: Value) -> bool:
    """A redirect shows nobody more than an address."""
    if not isinstance(value, Instance) or not isinstance(value.cls, External):
        return False
    return value.cls.name.endswith(_REDIRECT)


def is_chosen(value: Value) -> bool:
    """Something that the client sends is in it, or something that is stored; so may be what is too deep to tell."""
    level, seen = [value], {id(value)}
    for _ in range(_MAX_LEVELS):
        for one in level:
            if isinstance(one, Absent) or (
                isinstance(one, Input) and one.kind in ("request", "coerced", "stored")
            ):
                return True
        below = [part for one in level if not isinstance(one, Input) for part in parts(one)]
        level = [one for one in {id(part): part for part in below}.values() if id(one) not in seen]
        seen.update(map(id, level))
        if not level:
            return False
    return True


def _has_end(path: Value) -> bool:
    return all(_ASSET.search(_end(one)) for one in alternatives(path))


def _end(path: Value) -> str:
    """How a path ends, as far as it is known; empty where it may end in more than one way."""
    found = _ends(path)
    return found.pop() if len(found) == 1 else ""


def _ends(path: Value, depth: int = 0) -> set[str]:
    """All that a path may end with; an empty text for what is not known."""
    if depth > _MAX_DEPTH:
        return {""}
    match path:
        case Constant(value=str() as text):
            return {text}
        case TextValue(parts=pieces) if pieces:
            last = pieces[-1]
            return {last} if isinstance(last, str) else _ends(last, depth + 1)
        case Derived(sources=sources) if sources:
            return _ends(sources[-1], depth + 1)
        case Instance(cls=External()) if path.arguments:
            return _ends(path.arguments[-1], depth + 1)
        case Alternatives(values=values):
            return set[str]().union(*(_ends(one, depth + 1) for one in values))
    return {""}


def _has_type(media_type: Value | None) -> bool:
    """The kinds of content that an answer may have, which are all known and all of pages."""
    found = [one.value for one in alternatives(media_type) if isinstance(one, Constant)] if media_type else []
    return (
        bool(found)
        and all(kind is None or (isinstance(kind, str) and _ASSET_TYPE.match(kind)) for kind in found)
        and any(found)
    )


def _keeps_to_itself(event: CallEvent, vocabulary: Vocabulary) -> bool:
    """A call that computes, or is given nothing of what the client sends, nor is a method of that."""
    if only_computes(event, vocabulary):
        return True
    if any(isinstance(callee, External) and is_chosen(callee) for callee in alternatives(event.callee)):
        return False
    return not any(map(is_chosen, event.arguments.all()))
