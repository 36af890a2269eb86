"""Routes that only some deployments have: those for development, and those of an instance without sign-in.

Whoever sets ``ENVIRONMENT=production`` does not serve the first, and whoever turns authentication off has said
that anybody may call the second. Read from the words of the condition under which a route exists.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend_gate.backend.model import Condition

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_DEVELOPMENT = frozenset(
    {"debug", "debugging", "dev", "devel", "develop", "development", "testing", "e2e", "pytest"}
)
_OF_ENVIRONMENT = frozenset({"local", "localhost", "test", "tests", "staging"})
_ENVIRONMENT = frozenset({"env", "environ", "environment", "stage", "mode", "profile"})
_PRODUCTION = frozenset({"prod", "production", "live"})
_SIGN_IN = frozenset({"auth", "authentication", "authenticated", "login", "signin", "users", "rbac"})
_OPEN = frozenset({"no", "noauth", "without", "disable", "disabled", "skip", "bypass", "insecure", "off"})
_ANONYMOUS = frozenset({"anonymous", "unauthenticated", "noauth", "public"})
_NEGATED = re.compile(r"^not\b|!=|\bis not\b|\bnot in\b|== False|is False")


def only_in_development(conditions: Sequence[Condition]) -> Condition | None:
    """The condition that holds in development only, of those under which a route exists."""
    return next((c for c in conditions if all(map(_is_for_development, _parts(c.text)))), None)


def only_without_sign_in(conditions: Sequence[Condition]) -> Condition | None:
    """The condition that says that nobody has to sign in."""
    return next((c for c in conditions if all(map(_is_without_sign_in, _parts(c.text)))), None)


def _parts(text: str) -> list[str]:
    """The sides of an ``or``; one that is negated as a whole is not taken apart."""
    return [text] if text.startswith("not (") else text.split(" or ")


def _is_for_development(text: str) -> bool:
    words = _words(text)
    if _is_negated(text):
        return bool(words & _PRODUCTION)
    return bool(words & _DEVELOPMENT) or (bool(words & _OF_ENVIRONMENT) and bool(words & _ENVIRONMENT))


def _is_without_sign_in(text: str) -> bool:
    words = _words(text)
    is_off = bool(words & _OPEN) != _is_negated(text)
    if words & _ANONYMOUS and not _is_negated(text):
        return True
    return bool(words & _SIGN_IN) and is_off


def _is_negated(text: str) -> bool:
    return len(_NEGATED.findall(text.strip("() "))) % 2 == 1


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}
