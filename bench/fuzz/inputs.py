"""The inputs: small backends, bent and broken. An input depends on nothing but its seed and number."""

from __future__ import annotations

import dataclasses
import functools
import random
from collections.abc import Callable
from pathlib import Path

from backend_gate.rules.spec import load_rules
from bench.fuzz import programs

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "random program"
Tree = dict[str, bytes]
"""The files of a backend by their path."""

_TOKENS = (
    *(
        b"(",
        b")",
        b"[",
        b"]",
        b"{",
        b"}",
        b":",
        b",",
        b"=",
        b"@",
        b"*",
        b"**",
        b"\\\n",
        b"\n",
        b"\r",
        b"\t",
        b"\f",
    ),
    *(
        b'"',
        b"'",
        b'"""',
        b'f"{',
        b"}",
        b"#",
        b"\0",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\xe2\x80\xae",
        b"\xf0\x9f\x98\x80",
    ),
    *(
        b"await ",
        b"yield ",
        b"lambda: ",
        b"return ",
        b"async ",
        b"not ",
        b" if x else ",
        b"del ",
        b"global x\n",
    ),
    *(b"class A(A): ...\n", b"def f(): return f()\n", b"x = x\n", b"from . import *\n", b"import main\n"),
    *(
        b"app.include_router(app.router)\n",
        b"router.include_router(router)\n",
        b"Depends(",
        b"# gate: ignore[",
    ),
    *(
        b"while True: app.get('/')(f)\n",
        b"app = app or app\n",
        b"# coding: latin-1\n",
        b"0x",
        b"1e999",
        b"...",
    ),
)
_SETTINGS = (
    b'exclude = ["*"]\n', b"strict = true\n", b'fail-on = "info"\n', b'select = ["data"]\n', b'roots = ["."]\n',
    b'guards = ["a.b"]\n', b"min-resolved = 0.5\n", b'[[public]]\npath = "/x"\nreason = "open"\n',
    b'vocabulary = ["own.yaml"]\n', b"exclude = 3\n", b"a.b.c = {d = [1, [2]]}\n", b'include = ["**/[!a]*.py"]\n',
)  # fmt: skip
_VOCABULARY = (
    b"library: own\n", b"imports: [own]\n", b"aliases: {own.A: own.b.A}\n", b"parsers: ['own.+']\n",
    b"calls: {own.f: identity}\n", b"sinks:\n  - {call: own.run, argument: 0}\n",
    b"classes: {own.A: {bases: [own.B]}}\n",
    b"models: [own.Model]\n", b"x: &a [1]\n", b"numbers: [own]\n", b"raises: []\n",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Input:
    """One backend to judge, and how it was made."""

    kind: str
    files: Tree


def make(seed: int, number: int) -> Input:
    """The input of this number; every eighth is a random program."""
    program, rest = divmod(number, 8)
    if rest == 0:
        return Input(PROGRAM, programs.make(seed, program))
    dice = random.Random(f"{seed}:{number}")  # noqa: S311  (no secret)
    kind = dice.choices(list(_KINDS), weights=[weight for weight, _ in _KINDS.values()])[0]
    return Input(kind, _KINDS[kind][1](dice))


@functools.cache
def examples() -> tuple[Tree, ...]:
    """The examples of all rules, each a small backend."""
    return tuple(
        {name: source.encode() for name, source in example.sources.items()}
        for rule in load_rules(with_examples=True).values()
        for example in rule.examples
    )


@functools.cache
def services() -> tuple[Tree, ...]:
    """The two example backends."""
    return tuple(
        {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in sorted(folder.rglob("*"))
            if file.is_file() and file.suffix in {".py", ".toml", ".ini"}
        }
        for folder in (ROOT / "examples" / "faulty", ROOT / "examples" / "sound")
    )


def mutated(data: bytes, dice: random.Random, others: bytes) -> bytes:
    """Bytes with one to six changes."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        place = dice.randrange(len(changed) + 1)
        end = min(len(changed), place + dice.choice((1, 1, 2, 5, 20, 100)))
        match dice.randrange(8):
            case 0:
                changed[place:end] = b""
            case 1:
                changed[place:place] = dice.choice(_TOKENS)
            case 2:
                changed[place:place] = dice.choice(_TOKENS) * dice.choice((2, 10, 250, 3000))
            case 3 if place < len(changed):
                changed[place] ^= 1 << dice.randrange(8)
            case 4:
                changed[place:place] = changed[place:end] * dice.choice((1, 3, 50))
            case 5:
                start = dice.randrange(len(others) + 1)
                changed[place:end] = others[start : start + dice.choice((5, 40, 300))]
            case 6:
                del changed[place:]
            case _:
                lines = changed.split(b"\n")
                dice.shuffle(lines)
                changed = bytearray(b"\n".join(lines))
    return bytes(changed)


def _bent(trees: tuple[Tree, ...], dice: random.Random) -> Tree:
    tree = dict(dice.choice(trees))
    others = b"\n".join(dice.choice(trees).values())
    for name in dice.sample(sorted(tree), min(len(tree), dice.choice((1, 1, 2)))):
        tree[name] = mutated(tree[name], dice, others)
    return tree


def _with_settings(dice: random.Random) -> Tree:
    tree = dict(dice.choice(examples()))
    settings = b"".join(dice.sample(_SETTINGS, dice.randrange(1, 4)))
    vocabulary = b"".join(dice.sample(_VOCABULARY, dice.randrange(1, 5)))
    if dice.random() < 0.7:
        settings = mutated(settings, dice, vocabulary)
    if dice.random() < 0.5:
        vocabulary = mutated(vocabulary, dice, settings)
    if dice.random() < 0.3:
        tree["pyproject.toml"] = b"[project]\nname = 'a'\n[tool.backend-gate]\n" + settings
    else:
        tree["backend-gate.toml"] = settings
    tree["own.yaml"] = vocabulary
    return tree


def _odd_tree(dice: random.Random) -> Tree:
    """Files under names that mean something else, or nothing."""
    tree = dict(dice.choice(examples()))
    odd = (
        "tests/test_a.py", "{{x}}/a.py", "setup.py", "main.py/__init__.py", "fastapi.py", "a b.py", "é.py",
        "__init__.py", "migrations/versions/1_a.py", ".git/index", ".gitignore", ".coverage",
        "backend-gate-baseline.toml", "a/" * 70 + "b.py",
    )  # fmt: skip
    for name in dice.sample(odd, dice.randrange(1, 4)):
        tree[name] = mutated(dice.choice(list(dice.choice(examples()).values())), dice, b"*.py\n!a\n")
    return tree


_KINDS: dict[str, tuple[int, Callable[[random.Random], Tree]]] = {
    "bent example of a rule": (50, lambda dice: _bent(examples(), dice)),
    "bent example backend": (4, lambda dice: _bent(services(), dice)),
    "bent configuration and vocabulary": (12, _with_settings),
    "odd names of files": (6, _odd_tree),
}
