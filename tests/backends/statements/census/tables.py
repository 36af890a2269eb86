from enum import Enum

PEOPLE = "people"


class Order(str, Enum):
    NAME = "name"
    BORN = "born"


def marks(count: int) -> str:
    return ", ".join("?" for _ in range(count))
