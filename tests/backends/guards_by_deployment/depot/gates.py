"""Guards whose answer a setting, a plugin or a list of the operator decides."""

import importlib
import os

from fastapi import Depends, Header, HTTPException, Request

PLUGIN = os.environ.get("DEPOT_PLUGIN", "depot_basic")
PORTER_KEY = os.environ.get("DEPOT_PORTER_KEY")
OPEN_DOORS = [p.strip() for p in os.environ.get("DEPOT_OPEN_DOORS", "/health").split(",") if p.strip()]


class UnknownCaller(Exception):
    pass


def plugin_user(request: Request) -> str:
    """Only the plugin knows who calls."""
    plugin = importlib.import_module(PLUGIN)
    email = plugin.checker.current_user(request)
    if not email:
        raise UnknownCaller()
    return email


def porter(x_porter_key: str | None = Header(default=None)) -> None:
    if x_porter_key != PORTER_KEY:
        raise HTTPException(401)


def porter_if_any() -> list:
    return [Depends(porter)] if PORTER_KEY else []


def is_open_door(path: str) -> bool:
    for door in OPEN_DOORS:
        if path.startswith(door):
            return True
    return False


def unless_open_door(request: Request, x_key: str | None = Header(default=None)) -> None:
    if is_open_door(request.url.path):
        return
    if x_key is None:
        raise HTTPException(401)


_ledger: dict[str, str] | None = None


def open_ledger(entries: dict[str, str]) -> None:
    """Called by the operator's start script."""
    global _ledger
    _ledger = entries


def current_ledger() -> dict[str, str] | None:
    return _ledger


def in_ledger(request: Request) -> None:
    ledger = current_ledger()
    if ledger is not None:
        token = request.headers.get("authorization")
        if not token:
            raise HTTPException(401)
