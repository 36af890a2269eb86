"""Routes that only some deployments have: those for development, and those of an instance without sign-in.

Whoever sets ``ENVIRONMENT=production`` does not serve the first, and whoever turns authentication off has said
that anybody may call the second. Read from the words of the condition under which a route exists.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

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
_SHUT = frozenset({"disable", "disabled", "off"})
"""What is said of single users as well, who are shut out then."""
_ANONYMOUS = frozenset({"anonymous", "unauthenticated", "noauth", "public"})
_ASIDE = frozenset(
    {
        "active", "allow", "allowed", "check", "enable", "enabled", "enforced", "false", "is", "mode", "none", "not",
        "on", "required", "true", "type", "use", "used",
    }
)  # fmt: skip
"""What is said of signing in, and nothing else that a setting could be about."""
_WHO = frozenset({"access", "user", "users"})
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
    """One side of an ``and`` is enough, each by its own words."""
    return any(map(_says_development, _sides(text)))


def _is_without_sign_in(text: str) -> bool:
    return any(map(_says_open, _sides(text)))


def _sides(text: str) -> list[str]:
    return [text] if text.startswith("not (") else text.split(" and ")


def _says_development(text: str) -> bool:
    in_order = _words(text)
    words = set(in_order)
    if _is_negated(text):
        # ``production_users`` are users.
        about = [word for word in in_order if word not in _ASIDE | _ENVIRONMENT]
        return bool(about) and about[-1] in _PRODUCTION
    return bool(words & _DEVELOPMENT) or (bool(words & _OF_ENVIRONMENT) and bool(words & _ENVIRONMENT))


def _says_open(text: str) -> bool:
    words = _words(text)
    is_negated = _is_negated(text)
    # What a name is about stands at its end: ``skip_users_cache`` skips the cache, ``public_url`` is an address.
    about = [word for word in words if word not in _OPEN and word not in _ASIDE]
    who = [word for word in about if word not in _WHO]
    if who and who[-1] in _ANONYMOUS and not is_negated:
        return True
    if any(one in _OPEN and two in _SIGN_IN - _WHO for one, two in pairwise(words)):
        return not is_negated
    # ``not users_enabled``: an instance without users; where users are disabled, nobody gets in.
    off = _OPEN - _SHUT if about[-1:] == ["users"] else _OPEN
    is_off = bool(off & set(words)) != is_negated
    if about[-1:] == ["users"] and _PRODUCTION & set(about):
        return False  # some of the users
    return bool(about) and about[-1] in _SIGN_IN and is_off


def _is_negated(text: str) -> bool:
    return len(_NEGATED.findall(text.strip("() "))) % 2 == 1


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]
