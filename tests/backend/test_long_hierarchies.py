"""Thousands of classes that inherit from each other: no reader of real code meets them, and nobody waits for them."""

from __future__ import annotations

import pytest
from linking import linker

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n\n@app.get('/x')\ndef x(): ...\n\n"


@pytest.mark.parametrize("line", ["class A(A): ...\n", "class A(A, B): ...\n"], ids=["one base", "two bases"])
def test_a_long_chain_of_classes(line: str) -> None:
    """Time that grows with the cube of the number would take minutes here."""
    source = f"{APP}class B: ...\nclass A: ...\n{line * 1_500}\nmade = A()\n"

    assert [endpoint.path for endpoint in linker({"main.py": source}).run().endpoints] == ["/x"]
