"""Open the typed body of an endpoint: ``data: Model`` becomes ``data: dict``."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import libcst as cst

from bench.mutate import wiring
from bench.mutate.model import Endpoint, Mutant, Operator
from bench.mutate.source import Definition, Module, Sources, last_name

_OTHER_SOURCES = frozenset({"Depends", "Security", "Form", "File", "Query", "Path", "Header", "Cookie"})
_MODELS = frozenset({"BaseModel", "SQLModel"})


def body_mutants(sources: Sources, endpoints: Sequence[Endpoint], rng: random.Random) -> Iterator[Mutant]:
    """Typed bodies, in random order: at most one mutant a handler.

    Only parameters whose annotation names a class of the backend, so that they are bodies whatever the
    gate thinks: the framework fills a model from the body.
    """
    order = list(endpoints)
    rng.shuffle(order)
    seen: set[tuple[str, int]] = set()
    for endpoint in order:
        typed = [body["name"] for body in endpoint["bodies"] if not body["untyped"]]
        place = (endpoint["file"], endpoint["line"])
        if not typed or place in seen:
            continue
        seen.add(place)
        module = sources.module(endpoint["file"])
        function = module.function(endpoint["line"]) if module else None
        if module is None or function is None or not isinstance(function.node, cst.FunctionDef):
            continue
        for parameter in wiring.parameters(function.node):
            if parameter.name.value in typed and _is_model(sources, module, parameter):
                yield _mutant(module, function, parameter, endpoint)
                break


def _is_model(sources: Sources, module: Module, parameter: cst.Param) -> bool:
    if isinstance(parameter.default, cst.Call) and last_name(parameter.default) in _OTHER_SOURCES:
        return False
    model = _model(parameter)
    name = last_name(model) if model is not None else ""
    return bool(sources.ancestry(name) & _MODELS) and bool(sources.homes(module.file, name))


def _model(parameter: cst.Param) -> cst.BaseExpression | None:
    """What names the model: the annotation, or the first part of ``Annotated[Model, Body()]``."""
    annotation = parameter.annotation.annotation if parameter.annotation else None
    match annotation:
        case cst.Name() | cst.Attribute():
            return annotation
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=first)), *rest]):
            calls = [e.slice.value for e in rest if isinstance(e.slice, cst.Index)]
            if last_name(annotation) == "Annotated" and all(
                last_name(c) not in _OTHER_SOURCES for c in calls
            ):
                return first if isinstance(first, cst.Name | cst.Attribute) else None
    return None


def _mutant(module: Module, function: Definition, parameter: cst.Param, endpoint: Endpoint) -> Mutant:
    route = f"{'|'.join(endpoint['methods'])} {endpoint['path']}"
    what = f"{module.code(parameter).strip().rstrip(',')} opened to dict in {route}"
    model = _model(parameter)
    if model is None:
        raise TypeError("a parameter with a model was expected")
    return Mutant(
        Operator.OPEN_BODY,
        module.file,
        module.line(parameter),
        function.qualname,
        what,
        model,
        cst.Name("dict"),
    )
