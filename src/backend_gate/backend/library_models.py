"""Stand-ins for libraries that make routes or guards: modules that are read where the project has none.

What a library does with one call is an entry of the vocabulary. A library whose factories make whole routers,
or guards with parameters of their own, is described by small modules under the library's names
(``rules/library``); the interpreter follows them like the project's. A name that they leave out stays a
name of the library.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from backend_gate.backend.model import Backend, Condition, Place, Step
from backend_gate.backend.values import Instance
from backend_gate.facts.model import FileFacts
from backend_gate.facts.reader import read_source

MARK = "<library>/"
"""How the path of such a module begins; no path in a project does."""


class LibraryModels:
    """The modules below a folder, by name. Nothing is read before a project imports it."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._paths: dict[str, str] = {}
        if folder is None:
            return
        for file in sorted(folder.rglob("*.py")):
            relative = file.relative_to(folder).as_posix()
            name = relative.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            self._paths[name] = relative

    def __contains__(self, name: str) -> bool:
        return name in self._paths

    def facts(self, name: str) -> FileFacts:
        """The facts of a module, its bodies included."""
        if self._folder is None:
            raise KeyError(name)
        relative = self._paths[name]
        return read_source(MARK + relative, (self._folder / relative).read_bytes())


def is_library(place: Place) -> bool:
    """The place lies in a stand-in: no reader of the project can look there."""
    return place.file.startswith(MARK)


def take_home(made: Instance, place: Place | None) -> None:
    """What a stand-in has made, an application for instance, stands where the project calls for it."""
    if made.place is not None and is_library(made.place) and place is not None and not is_library(place):
        made.place = place


def bring_home(backend: Backend) -> None:
    """Let all that the gate shows stand in the project: what happens in a stand-in, where it is used."""
    for endpoint in backend.endpoints:
        home = endpoint.registration
        endpoint.conditions = [_condition(condition, home) for condition in endpoint.conditions]
        endpoint.auth.steps = _steps(endpoint.auth.steps, home)
        for body in endpoint.bodies:
            body.place = _place(body.place, home)
            body.steps = _steps(body.steps, home)
    for escape in backend.escapes:
        home = escape.endpoint.registration
        escape.place = _place(escape.place, home)
        escape.steps = _steps(escape.steps, home)
        escape.considered = _steps(escape.considered, home)
    for statement in backend.statements:
        statement.steps = [step for step in statement.steps if not is_library(step.place)]
        for hole in statement.holes:
            hole.steps = [step for step in hole.steps if not is_library(step.place)]


def _place(place: Place, home: Place) -> Place:
    return home if is_library(place) else place


def _steps(steps: list[Step], home: Place) -> list[Step]:
    return [Step(_place(step.place, home), step.message) for step in steps]


def _condition(condition: Condition, home: Place) -> Condition:
    return msgspec.structs.replace(condition, place=_place(condition.place, home))
