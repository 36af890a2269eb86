"""What a vocabulary file may hold: all that the gate's own files do, and nothing that nobody reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from backend_gate.backend.vocabulary import load_vocabulary
from backend_gate.backend.vocabulary_file import Tables, read_vocabulary
from backend_gate.errors import RuleFileError
from backend_gate.rules.spec import VOCABULARY, rules_directory
from backend_gate.yaml_reader import Document, convert

OWN = sorted((rules_directory() / VOCABULARY).glob("*.yaml"))


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
def test_the_gates_own_files_are_of_that_form(file: Path) -> None:
    convert(Document(yaml.safe_load(file.read_text("utf-8"))), Tables)


def test_a_users_entries_are_added(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "library: own\naliases: {own.Guard: own.auth.Guard}\nparsers: ['^own[.]parse']\n"
        "sinks:\n  - {method: run, receivers: [own.Database], argument: 0}\n"
    )
    vocabulary = load_vocabulary(rules_directory() / VOCABULARY, [file])
    assert vocabulary.canonical("own.Guard.check") == "own.auth.Guard.check"
    assert vocabulary.extra["sinks"][-1]["receivers"] == ["own.Database"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("calls: [a]\n", 1, "calls has to be a table"),
        ("classes:\n  own.A: {base: [x]}\n", 1, "unknown key `base`"),
        ("raises:\n  - {exception: ValueError, of: [own]}\n", 2, "missing key `calls`"),
        ("sanitizers:\n  - {origin: nowhere}\n", 2, "invalid enum value 'nowhere'"),
        ("sinks:\n  - {call: own.run, argument: first}\n", 2, "(in `sinks[0].argument`)"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(text: str, line: int, message: str, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(text)
    with pytest.raises(RuleFileError) as caught:
        read_vocabulary(file)
    assert (caught.value.line, message in caught.value.message) == (line, True), caught.value.message


def test_the_last_bytes_of_a_long_file_do_not_matter(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    content: Any = "library: " + "ü" * 2_000_000
    file.write_text(content, encoding="utf-8")
    with pytest.raises(RuleFileError, match="characters"):
        read_vocabulary(file)
