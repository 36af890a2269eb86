from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import HTTPException

from post.errors import LabelTorn, ScaleBroken, UnknownParcel

WEIGHTS: dict[int, float] = {}


def weight(number: int) -> float:
    if number not in WEIGHTS:
        raise UnknownParcel(number)
    return WEIGHTS[number]


def label(number: int) -> str:
    if weight(number) > 30:
        raise LabelTorn(number)
    return f"parcel {number}"


def weigh(number: int) -> float:
    if number % 2:
        raise ScaleBroken(number)
    return weight(number)


@contextmanager
def repaired() -> Iterator[None]:
    try:
        yield
    except ScaleBroken as error:
        raise HTTPException(status_code=503, detail="Try again later") from error
