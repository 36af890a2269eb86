"""What is read of a test's request."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from backend_gate.backend.model import Place

UrlParts: TypeAlias = tuple[str | None, ...]
"""A path as it is written: literal text, and ``None`` for each part that is not known."""

ANY_METHOD = ""
WEBSOCKET = "WEBSOCKET"


class Sent(msgspec.Struct, frozen=True):
    """A request as it stands in a test.

    ``method`` is in upper case, or empty where it is not known. ``path`` is without query and host, beginning
    with ``/`` or with a part that is not known; or ``route`` is the name of the route that its URL is made by.
    ``app`` is where the application is made that the client was given, if that is known.
    """

    method: str
    path: UrlParts
    place: Place
    route: str = ""
    app: Place | None = None
