"""What an exception handler of wiring leaves behind: it is the rare case."""

from __future__ import annotations

from linking import value_of

from backend_gate.backend.values import Constant, Instance

HEAD = "import os\nfrom corp import parse\n"


def test_what_a_clause_writes_into_an_object_does_not_replace_what_is_there() -> None:
    source = (
        "class Verifier:\n    def __init__(self):\n        self.enabled = True\n        try:\n"
        "            self.key = parse()\n        except ValueError:\n            self.enabled = False\n"
        "            self.broken = True\n"
        "verifier = Verifier()\n"
    )

    verifier = value_of(HEAD + source, "verifier")

    assert isinstance(verifier, Instance)
    written = {
        name: value.value for name, value in verifier.attributes.items() if isinstance(value, Constant)
    }
    assert written == {"enabled": True, "broken": True}


def test_a_setting_that_is_read_in_a_try_has_the_default_of_its_clause() -> None:
    source = "try:\n    mode = os.environ['MODE']\nexcept KeyError:\n    mode = 'dev'\n"

    mode = value_of(HEAD + source, "mode")

    assert isinstance(mode, Constant)
    assert (mode.value, mode.setting) == ("dev", "MODE")


def test_a_dict_with_a_default_makes_what_it_lacks() -> None:
    source = (
        "from collections import defaultdict\nfound = defaultdict(list)\nfound['a'].append(1)\nnone = found['b']\n"
        "first = found['a'][0]\n"
    )

    first = value_of(HEAD + source, "first")

    assert isinstance(first, Constant)
    assert first.value == 1
