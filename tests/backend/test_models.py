"""Fields of models as code at import sees them."""

from __future__ import annotations

import pytest
from linking import value_of

from backend_gate.backend.values import Constant, Sequence

SOURCE = """\
from pydantic import BaseModel
from pydantic_settings import BaseSettings

class Ship(BaseModel):
    name: str
    length: int

class Harbour(BaseSettings):
    database: str
    ships: Ship

names = [name for name in {cls}.model_fields]
"""


def test_a_loop_over_the_fields_of_a_model_knows_them() -> None:
    names = value_of(SOURCE.format(cls="Ship"), "names")

    assert isinstance(names, Sequence)
    assert [one.value for one in names.items if isinstance(one, Constant)] == ["name", "length"]
    assert not names.open


@pytest.mark.parametrize("cls", ["Harbour"])
def test_one_over_settings_does_not(cls: str) -> None:
    """Wiring that goes through large settings in search of the environment's names would run out of steps."""
    names = value_of(SOURCE.format(cls=cls), "names")

    assert not (isinstance(names, Sequence) and any(isinstance(one, Constant) for one in names.items))
