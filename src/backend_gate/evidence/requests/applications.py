"""Finds where the application is made that a test hands to its client.

By names and imports alone: to evaluate an application would be to run all of its wiring.
"""

from __future__ import annotations

from collections.abc import Collection

from backend_gate.backend.model import Place
from backend_gate.backend.modules import ModuleState, ModuleTable
from backend_gate.backend.walk import expressions_in
from backend_gate.evidence.requests.code import Code, TestCode
from backend_gate.facts import model as ir

MAX_DEPTH = 8


class Applications:
    """Tells those applications apart that are made at some of these places."""

    def __init__(self, modules: ModuleTable, tests: TestCode, places: Collection[Place]) -> None:
        self._modules = modules
        self._tests = tests
        self._places = places

    def given_to(self, code: Code, call: ir.Call) -> Place | None:
        """The application among what a call is given, however deep: ``AsyncClient(transport=ASGITransport(app))``."""
        if not self._places:
            return None
        for node in expressions_in([argument.value for argument in call.arguments]):
            if isinstance(node, ir.Name) and (place := self._named(code, node.id, 0)) in self._places:
                return place
        return None

    def _named(self, code: Code, name: str, depth: int) -> Place | None:
        if depth > MAX_DEPTH:
            return None
        home = code.home_of(name)
        if home is None:
            return self._of_module(code.module, name, depth)
        values = [(home, binding.value) for binding in home.bindings.get(name, ())]
        fixture = self._tests.fixture_for(home, name) if home.is_test or home.fixture else None
        if fixture is not None and name in home.parameters:
            values += [(fixture, value) for value in fixture.gives]
        found = (
            self._named(where, value.id, depth + 1) for where, value in values if isinstance(value, ir.Name)
        )
        return next((place for place in found if place is not None), None)

    def _of_module(self, module: ModuleState, name: str, depth: int) -> Place | None:
        if depth > MAX_DEPTH:
            return None
        for number in module.statements_about(name):
            match module.statement(number):
                case ir.Assign(targets=[ir.Name(id=target)], value=value) if target == name:
                    if isinstance(value, ir.Call):
                        return Place(module.path, value.span)
                    if isinstance(value, ir.Name):
                        return self._of_module(module, value.id, depth + 1)
                case ir.ImportFrom(module=source, level=level, names=names):
                    origin = next((each.name for each in names if (each.alias or each.name) == name), None)
                    other = self._modules.get(self._modules.absolute(module, source, level))
                    if origin is not None and other is not None:
                        return self._of_module(other, origin, depth + 1)
        return None
