"""Vocabulary files of users: what is wrong in them is said, with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_gate.backend.link import FRAMEWORKS
from backend_gate.backend.vocabulary import load_vocabulary
from backend_gate.errors import RuleFileError
from backend_gate.rules.spec import VOCABULARY, rules_directory

OWN = rules_directory() / VOCABULARY


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("routrs: [a.b]\n", 1, "no key routrs"),
        ("library: x\nrouters: a.b\n", 2, "routers has to be a list of names"),
        ("aliases:\n  a.b: [c]\n", 1, "aliases has to be a table from a name to a name"),
        ("classes: {a.B: [c]}\n", 1, "classes has to be a table"),
        ("calls: {a.b: no.such.effect}\n", None, "no effect called no.such.effect"),
        ("- a\n", 1, "has to be a mapping"),
        ("a: [\n", 2, "not YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, text: str, line: int | None, message: str
) -> None:
    file = tmp_path / "gate.yaml"
    file.write_text(text)
    with pytest.raises(RuleFileError, match=message) as raised:
        load_vocabulary(tmp_path / "none", [file])
    assert raised.value.file == str(file)
    assert raised.value.line == line


def test_entries_know_where_they_stand(tmp_path: Path) -> None:
    file = tmp_path / "gate.yaml"
    file.write_text("# ours\nguards:\n  - corp.a.guard\nmodels: [corp.b.Base]\n")
    assert FRAMEWORKS  # importing the linker registers the effects that the gate's own files name
    own = load_vocabulary(OWN, [file]).own
    assert [(entry.key, entry.name, entry.line) for entry in own] == [
        ("guards", "corp.a.guard", 3),
        ("models", "corp.b.Base", 4),
    ]
