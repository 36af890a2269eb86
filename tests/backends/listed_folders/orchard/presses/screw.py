"""The verb is a member of an enumeration of texts."""

from enum import Enum

from fastapi import APIRouter, Depends

from orchard.guard import gardener

PRESSED: list[int] = []


class Verb(str, Enum):
    add = "PUT"


class Router(APIRouter):
    def add(self, path: str):
        def decorate(function):
            self.add_api_route(path, function, methods=[Verb.add])
            return function

        return decorate


router = Router(dependencies=[Depends(gardener)])


@router.add("/pressed/{litres}")
def press(litres: int) -> None:
    PRESSED.append(litres)
