"""A linked unit from source texts, for tests."""

from __future__ import annotations

from pathlib import Path

from backend_gate.backend.link import Linker, _parse_expression
from backend_gate.backend.model import Verdict
from backend_gate.backend.values import Value
from backend_gate.backend.vocabulary import Vocabulary, load_vocabulary
from backend_gate.facts.model import encode_facts
from backend_gate.facts.reader import read_source
from backend_gate.rules.spec import LIBRARY, rules_directory
from backend_gate.settings import Settings

_loaded: list[Vocabulary] = []


def vocabulary() -> Vocabulary:
    """The vocabulary of the checkout, loaded once."""
    if not _loaded:
        _loaded.append(load_vocabulary(Path(rules_directory()) / "vocabulary"))
    return _loaded[0]


def module_name(path: str) -> str:
    """``a/b.py`` is ``a.b``, ``a/__init__.py`` is ``a``."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def linker(files: dict[str, str]) -> Linker:
    """A linker over ``{path: source}``; nothing has run yet."""
    encoded = {path: encode_facts(read_source(path, text.encode())) for path, text in files.items()}
    paths = {module_name(path): path for path in files}
    libraries = Path(rules_directory()) / LIBRARY
    return Linker(paths, encoded, vocabulary(), _parse_expression, set(files), libraries)


def value_of(source: str, name: str, **others: str) -> Value:
    """What ``name`` holds after ``source`` (the module ``main``); ``others`` are further modules."""
    files = {"main.py": source, **{f"{module}.py": text for module, text in others.items()}}
    found = linker(files)
    module = found.modules.get("main")
    assert module is not None
    value = found.interpreter.module_attribute(module, name)
    assert value is not None, f"{name} is not bound"
    return value


def routes(files: dict[str, str]) -> list[tuple[str, str, str]]:
    """``(method, path, handler)`` of every endpoint."""
    backend = linker(files).run()
    return [(method, e.path, e.handler) for e in backend.endpoints for method in e.methods]


def verdicts(source: str) -> dict[str, Verdict]:
    """Who may call each endpoint of one module, by its path."""
    found = linker({"main.py": source})
    backend = found.run()
    found.judge(Settings())
    return {endpoint.path: endpoint.auth.verdict for endpoint in backend.endpoints}


def verdict_of(source: str) -> Verdict:
    """The same of a module with one endpoint."""
    (verdict,) = verdicts(source).values()
    return verdict
