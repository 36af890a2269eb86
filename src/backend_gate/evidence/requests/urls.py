"""From the value of a URL to the path that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from urllib.parse import unquote

from backend_gate.backend.values import (
    Constant,
    External,
    Instance,
    Slot,
    TextValue,
    Value,
    alternatives,
    text_of,
)
from backend_gate.evidence.requests.model import UrlParts

MAX_URLS = 64
"""So many URLs are told apart that one expression may give."""

_HOLE = "\x00"
_NAME = "\x01"


def reversed_url(name: str) -> Value:
    """The value that stands for the URL of the route called ``name``, also inside of a longer text."""
    return Constant(f"{_NAME}{name}{_NAME}")


def route_named_in(url: UrlParts) -> str:
    """The name of the route that a URL is made by, or an empty text."""
    for part in url:
        if part is not None and _NAME in part:
            return part.split(_NAME)[1]
    return ""


def urls_of(value: Value) -> list[UrlParts]:
    """The URLs that a value may be."""
    return list(dict.fromkeys(islice(_texts(value), MAX_URLS)))


def path_of(url: UrlParts, base: UrlParts = (), *, relative: bool = True) -> UrlParts | None:
    """The path of a URL, joined to the ``base_url`` of its client.

    ``None`` if it is no URL, which a text without a slash at its start is unless ``relative``.
    """
    text = _plain(url)
    path = _without_host(text)
    if path is None:
        if not text.startswith(("/", _HOLE)):
            if not relative:
                return None
            text = "/" + text
        before = _without_host(start := _plain(base))
        before = (start if before is None else before).rstrip("/")
        path = before + text if text.startswith("/") or not before else f"{before}/{text}"
    for end in ("?", "#"):
        path = path.partition(end)[0]
    # A part of the path is never empty: what seems to be so has some default that the test does not use.
    return _parts(path.replace("//", f"/{_HOLE}/") or "/")


def _texts(value: Value) -> Iterator[UrlParts]:
    if isinstance(value, Slot):
        value = value.value
    for single in alternatives(value):
        text = text_of(single)
        if text is not None:
            yield (text,)
        elif isinstance(single, TextValue):
            pieces = [
                [(part,)] if isinstance(part, str) else list(islice(_texts(part), MAX_URLS))
                for part in single.parts
            ]
            for chosen in islice(product(*pieces), MAX_URLS):
                yield tuple(part for piece in chosen for part in piece)
        elif isinstance(single, Instance) and _is_url_object(single):
            yield from _texts(single.arguments[0])
        else:
            yield (None,)


def _is_url_object(value: Instance) -> bool:
    """``URL("/items")`` and ``str(URL("/items"))``"""
    return (
        isinstance(value.cls, External)
        and len(value.arguments) == 1
        and value.cls.name.rpartition(".")[2] in ("URL", "str")
    )


def _plain(url: UrlParts) -> str:
    text = "".join(_HOLE if part is None else part for part in url)
    while _HOLE * 2 in text:
        text = text.replace(_HOLE * 2, _HOLE)
    return text


def _without_host(text: str) -> str | None:
    """The path of an absolute URL; ``None`` of any other."""
    scheme, found, rest = text.partition("://")
    if not found or "/" in scheme:
        return None
    _, slash, path = rest.partition("/")
    return slash + path


def _parts(path: str) -> UrlParts:
    found: list[str | None] = []
    for number, piece in enumerate(path.split(_HOLE)):
        if number:
            found.append(None)
        if piece:
            found.append(unquote(piece))
    return tuple(found)
