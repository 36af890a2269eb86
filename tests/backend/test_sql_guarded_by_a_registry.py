"""A text that a registry of the server knows is one of its names, whatever a client has sent."""

from __future__ import annotations

import pytest
from linking import linker

from backend_gate.settings import Settings

HEAD = """\
import sqlite3

from fastapi import FastAPI, HTTPException

app = FastAPI()
db = sqlite3.connect("shop.db")


class Registry:
    def __init__(self):
        self.fields = {}

    def load(self):
        for row in db.execute("SELECT kind, name FROM fields"):
            self.fields.setdefault(row["kind"], []).append({"name": row["name"]})

    def knows(self, kind: str, name: str) -> bool:
        \"\"\"Whether the field is one of those that were loaded.\"\"\"
        return name in [field["name"] for field in self.fields[kind]]

    async def has(self, name):
        return name.lower() in self.fields

    def mentions(self, name):
        return self.fields == name

    def is_part(self, name, whole):
        return name in whole


registry = Registry()


def is_known(name):
    return name in registry.fields

"""


def origins(source: str) -> list[str]:
    """Where what stands in the holes of the statements comes from."""
    found = linker({"main.py": source})
    found.run()
    found.judge(Settings())
    return [hole.origin for statement in found.backend.statements for hole in statement.holes]


@pytest.mark.parametrize(
    ("test", "origin"),
    [
        ("registry.knows('order', key)", "allow-listed"),
        ("registry.knows(name=key, kind='order')", "allow-listed"),
        ("await registry.has(key)", "allow-listed"),
        ("is_known(key)", "allow-listed"),
        ("registry.knows(key, 'town')", "request-tainted"),
        ("registry.mentions(key)", "request-tainted"),
        ("registry.is_part(key, more)", "request-tainted"),
        ("registry.is_part(whole=registry.fields, name=key)", "allow-listed"),
        ("registry.nothing_of_that_name(key)", "request-tainted"),
    ],
)
def test_what_a_registry_says_of_a_key(test: str, origin: str) -> None:
    handler = (
        "@app.get('/orders')\n"
        "async def orders(key: str, more: str):\n"
        f"    if not {test}:\n"
        "        raise HTTPException(400)\n"
        "    return db.execute(f\"SELECT data->'{key}' FROM orders\").fetchall()\n"
    )
    assert origins(f"{HEAD}\n{handler}") == [origin]


@pytest.mark.parametrize(
    ("kept", "origin"),
    [
        ("string.ascii_letters + string.digits + ' '", "allow-listed"),
        ("string.ascii_letters + more", "request-tainted"),
        ("string.printable", "request-tainted"),
    ],
)
def test_a_text_of_which_only_some_characters_are_kept(kept: str, origin: str) -> None:
    handler = (
        "@app.get('/orders')\n"
        "async def orders(key: str, more: str):\n"
        f"    kept = {kept}\n"
        "    key = ''.join([sign if sign in kept else '' for sign in key])\n"
        "    return db.execute(f\"SELECT id FROM orders WHERE town = '{key}'\").fetchall()\n"
    )
    assert origins(f"import string\n{HEAD}\n{handler}") == [origin]
