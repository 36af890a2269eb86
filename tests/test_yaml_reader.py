"""The YAML reader accepts plain data within bounds and says where it does not."""

from __future__ import annotations

import json
import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.yaml_reader import MAX_CHARACTERS, MAX_DEPTH, YamlReadError, read_mapping


def test_scalars_mean_what_json_means() -> None:
    text = "a: no\nb: 1.10\nc: 7\nd: true\ne: null\nf: 'true'\ng: 0123\nh: |\n  line\n"

    assert read_mapping(text).value == {
        "a": "no", "b": "1.10", "c": 7, "d": True, "e": None, "f": "true", "g": "0123", "h": "line\n",
    }  # fmt: skip


def test_lines_of_parts() -> None:
    document = read_mapping("first: 1\nlist:\n  - a\n  - key: b\n")

    assert document.line_of(("list",)) == 2
    assert document.line_of(("list", 1, "key")) == 4
    assert document.line_of(("list", 1, "absent")) == 4
    assert document.line_of(("absent", "deeper")) == 1


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "empty"),
        ("- a\n", 1, "mapping"),
        ("a: 1\nb: [1\n", 3, "not YAML"),
        ("a: \x01\n", 1, "not YAML"),
        ("a: 1\na: 2\n", 2, "twice"),
        ("a: &x 1\n", 1, "anchors"),
        ("a: 1\nb: *x\n", 2, "aliases"),
        ("a: !!python/name:os.system x\n", 1, "tags"),
        ("&k a: 1\n", 1, "keys"),
        ("[a]: 1\n", 1, "key"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: " + "x" * MAX_CHARACTERS, 1, "longer"),
        ("a: " + "[" * 5_000, 1, "deep|depth"),
        ("a:\n" + "- " * 5_000 + "x\n", 2, "deep"),
    ],
)
def test_refuses(text: str, line: int, message: str) -> None:
    with pytest.raises(YamlReadError, match=message) as caught:
        read_mapping(text)

    assert caught.value.line == line


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [*{before}, *{before}]\n"
        for before, name in zip(string.ascii_lowercase, string.ascii_lowercase[1:], strict=False)
    )

    with pytest.raises(YamlReadError, match="anchors"):
        read_mapping(bomb)


def test_depth_is_accepted_up_to_the_bound() -> None:
    levels = MAX_DEPTH - 1
    value = read_mapping("a: " + "[" * levels + "]" * levels).value["a"]

    assert json.dumps(value) == "[" * levels + "]" * levels


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(string.printable, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=4), VALUES, max_size=4))
def test_reads_back_what_json_writes(value: dict[str, object]) -> None:
    assert read_mapping(json.dumps(value)).value == value


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        document = read_mapping(text)
    except YamlReadError as error:
        line = error.line
    else:
        # libyaml and the parser in Python differ on texts such as `{0?}`: ask the one that the reader uses.
        same_parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        assert isinstance(yaml.compose(text, Loader=same_parser), yaml.MappingNode)
        line = document.line_of(())
    assert 1 <= line <= len(text) + 2
