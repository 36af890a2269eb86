"""Names that the user teaches the gate and that nothing in the project answers to: most likely misspelt."""

from __future__ import annotations

from collections.abc import Collection

from backend_gate.backend.modules import ModuleTable
from backend_gate.backend.vocabulary import Vocabulary
from backend_gate.settings import Settings


def unmatched(
    modules: ModuleTable, vocabulary: Vocabulary, settings: Settings, dependencies: Collection[str]
) -> list[str]:
    """The names without an answer, sorted.

    ``dependencies``: the names of all dependencies and middleware of all endpoints.

    A guard has to be one of them, what makes a router or an application has to be called; of any other entry it is
    enough that the project mentions every part of its name.
    """
    guards = {*settings.guards, *vocabulary.guards}
    found = {name for name in guards if name not in dependencies}
    found |= vocabulary.taught - vocabulary.matched
    others = {entry.name for entry in vocabulary.own} - guards - vocabulary.taught
    if others:
        words = {part for name in modules.names() for part in name.split(".")}
        words.update(
            word
            for name in modules.names()
            if (module := modules.get(name)) is not None
            for word in module.facts.words
        )
        found |= {name for name in others if not words.issuperset(set(name.split(".")) - {"*"})}
    return sorted(found)
