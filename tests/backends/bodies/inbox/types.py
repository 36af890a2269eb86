from typing import Any, Generic, TypedDict, TypeVar

from pydantic import BaseModel

T = TypeVar("T")
Payload = dict[str, Any]


class Mail(BaseModel):
    to: str
    text: str


class Options(BaseModel):
    urgent: bool = False


class Batch(BaseModel, Generic[T]):
    items: list[T]


class Label(TypedDict):
    name: str
    colour: str
