"""A rule's file is read strictly; what is wrong is named with file and line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import backend_gate
from backend_gate.errors import RuleFileError
from backend_gate.rules.examples import Example, Expectation, Kind, for_readers
from backend_gate.rules.model import Severity
from backend_gate.rules.spec import Profile, find_rule, load_rule, load_rules, rules_directory

HEAD = """\
id: BG901
slug: door-left-open
group: building
severity: warning
confidence: high
precision: high
profile: advisory
frameworks: [fastapi]
standard: Close the door
evidence: syntactic
fixable: no
cwe: [306]
owasp: ["API2:2023"]
title: Door left open
message: A door stands open
why: |
  Cold air comes in.
fix: |
  Close it.
references:
  - https://example.org/doors
"""
EXAMPLES = """\
examples:
  - kind: bad
    title: an open door
    code: |
      door = open()  # expect: BG901
  - kind: good
    title: a closed door
    files:
      house/door.py: |
        door = closed()
"""


def write(root: Path, text: str, name: str = "building/door-left-open.yaml") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_every_field(tmp_path: Path) -> None:
    spec = load_rule(write(tmp_path, HEAD + EXAMPLES), with_examples=True)

    assert (spec.id, spec.slug, spec.group, spec.module) == (
        "BG901",
        "door-left-open",
        "building",
        "door_left_open",
    )
    assert spec.severity is Severity.WARNING
    assert spec.profile is Profile.ADVISORY
    assert spec.cwe == (306,)
    assert spec.owasp == ("API2:2023",)
    assert spec.why == "Cold air comes in.\n"
    assert [example.kind for example in spec.examples] == [Kind.BAD, Kind.GOOD]
    assert spec.examples[0].expectations() == [Expectation("main.py", 1, "BG901")]
    assert spec.examples[1].sources == {"house/door.py": "door = closed()\n"}


def test_a_run_does_not_look_at_examples(tmp_path: Path) -> None:
    spec = load_rule(write(tmp_path, HEAD + "examples: [*nothing, {{{\n"))

    assert spec.examples == ()


def test_spec_is_frozen(tmp_path: Path) -> None:
    spec = load_rule(write(tmp_path, HEAD))

    with pytest.raises(AttributeError):
        spec.title = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("fixable: no", "fixable: no\nfixible: no", 12, "unknown key `fixible`"),
        ("standard: Close the door\n", "", 1, "missing key `standard`"),
        ("severity: warning", "severity: fatal", 4, "'fatal'"),
        ("cwe: [306]", "cwe: [CWE-306]", 12, "a whole number"),
        ("cwe: [306]", "cwe: 306", 12, "a list"),
        ("title: Door left open", "title: 12", 14, "text"),
        ("title: Door left open", "title: true", 14, "text"),
        ("title: Door left open", f"title: {'x' * 81}", 14, "80"),
        ("id: BG901", "id: X1", 1, "BG"),
        ("id: BG901", "id: BG901\nid: BG902", 2, "twice"),
        ("frameworks: [fastapi]", "frameworks: []", 8, "length"),
        ('owasp: ["API2:2023"]', "owasp: [API2]", 13, "API"),
        ("https://example.org/doors", "http://example.org/doors", 21, "https"),
        ("slug: door-left-open", "slug: door-ajar", 2, "door-left-open"),
        ("group: building", "group: house", 3, "building"),
        ("why: |", "why: &anchor |", 16, "anchors"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert HEAD.count(old) == 1
    path = write(tmp_path, HEAD.replace(old, new) + EXAMPLES)

    with pytest.raises(RuleFileError, match=re.escape(message)) as caught:
        load_rule(path)

    assert (caught.value.file, caught.value.line) == (str(path), line)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("kind: bad", "kind: ugly", 23, "ugly"),
        ("title: a closed door", "titel: a closed door", 28, "titel"),
        ("  # expect: BG901", "", 23, "needs a marker"),
        ("# expect: BG901", "# expect: BG902", 23, "does not expect BG901"),
        ("door = closed()", "door = closed()  # expect: BG901", 27, "holds no marker"),
        ("house/door.py", "../door.py", 27, "inside the example"),
        ("house/door.py", "/door.py", 27, "inside the example"),
        ("    code: |\n      door = open()  # expect: BG901\n", "", 23, "either"),
        ("examples:\n", "examples:\nwhy: again\n", 23, "twice"),
    ],
)
def test_a_wrong_example_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert EXAMPLES.count(old) == 1
    path = write(tmp_path, HEAD + EXAMPLES.replace(old, new))

    with pytest.raises(RuleFileError, match=re.escape(message)) as caught:
        load_rule(path, with_examples=True)

    assert (caught.value.file, caught.value.line) == (str(path), line)


def test_examples_stand_last(tmp_path: Path) -> None:
    path = write(tmp_path, EXAMPLES + HEAD)

    with pytest.raises(RuleFileError, match="last"):
        load_rule(path, with_examples=True)
    with pytest.raises(RuleFileError):
        load_rule(path)


def test_not_utf8(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD)
    path.write_bytes(path.read_bytes().replace(b"Cold", b"C\xffld"))

    with pytest.raises(RuleFileError, match="UTF-8") as caught:
        load_rule(path)

    assert caught.value.line == 17


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="cannot be read"):
        load_rule(tmp_path / "building" / "door-left-open.yaml")


def renamed(slug: str, number: int, group: str = "building") -> str:
    return HEAD.replace("door-left-open", slug).replace("BG901", f"BG{number}").replace("building", group)


def test_rules_are_ordered_by_id_and_vocabulary_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, renamed("a", 1001, "garden"), "garden/a.yaml")
    write(tmp_path, renamed("b", 902), "building/b.yaml")
    write(tmp_path, renamed("c", 901), "building/c.yaml")
    write(tmp_path, "no: rule\n", "vocabulary/starlette.yaml")

    assert [spec.id for spec in load_rules(tmp_path).values()] == ["BG901", "BG902", "BG1001"]


def test_an_id_twice(tmp_path: Path) -> None:
    write(tmp_path, renamed("a", 901), "building/a.yaml")
    write(tmp_path, renamed("b", 901), "building/b.yaml")

    with pytest.raises(RuleFileError, match=r"`BG901` is taken by building/a\.yaml"):
        load_rules(tmp_path)


def test_a_slug_twice(tmp_path: Path) -> None:
    write(tmp_path, renamed("a", 801, "attic"), "attic/a.yaml")
    write(tmp_path, renamed("a", 901), "building/a.yaml")

    with pytest.raises(RuleFileError, match=r"`a` is taken by attic/a\.yaml"):
        load_rules(tmp_path)


def test_a_hundred_belongs_to_one_group(tmp_path: Path) -> None:
    write(tmp_path, renamed("a", 901), "building/a.yaml")
    write(tmp_path, renamed("b", 902, "garden"), "garden/b.yaml")

    with pytest.raises(RuleFileError, match=r"`BG9xx` is taken by building/a\.yaml"):
        load_rules(tmp_path)


def test_no_rules_at_all(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="no rule"):
        load_rules(tmp_path)


def test_find_by_id_or_slug(tmp_path: Path) -> None:
    write(tmp_path, HEAD)
    rules = load_rules(tmp_path)

    assert find_rule(rules, "bg901") is rules["door-left-open"]
    assert find_rule(rules, "Door-Left-Open") is rules["door-left-open"]
    assert find_rule(rules, "BG902") is None


def test_rules_directory_of_a_checkout_and_of_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "src" / "backend_gate"
    package.mkdir(parents=True)
    monkeypatch.setattr(backend_gate, "__file__", str(package / "__init__.py"))

    with pytest.raises(RuleFileError, match="missing"):
        rules_directory()
    (tmp_path / "rules").mkdir()
    assert rules_directory() == (tmp_path / "rules").resolve()
    (package / "_rules").mkdir()
    assert rules_directory() == (package / "_rules").resolve()


def test_markers_name_several_rules() -> None:
    example = Example(
        kind=Kind.BAD, title="t", code="x = 1\ny = 2  # expect: BG201, BG101\nz  # expect: BG101,BG101\n"
    )

    assert [(found.line, found.rule) for found in example.expectations()] == [
        (2, "BG101"),
        (2, "BG201"),
        (3, "BG101"),
        (3, "BG101"),
    ]
    assert for_readers(example.sources["main.py"]) == "x = 1\ny = 2  # ← BG201, BG101\nz  # ← BG101,BG101\n"
