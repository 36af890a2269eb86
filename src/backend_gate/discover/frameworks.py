"""Which web frameworks a tree uses, and how that is known.

Python frameworks show in imports and dependency files, the others in their project files and the few
sources that every project of theirs has. A framework that the gate cannot analyse yet is named all the
same: a backend that nobody judged must not look sound.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from backend_gate.discover.heads import Heads, imports_in
from backend_gate.discover.manifest import Manifest, read_manifests
from backend_gate.discover.model import ProjectTree, SourceFile, Zone
from backend_gate.discover.tree import discover
from backend_gate.settings import Settings

MAX_EVIDENCE = 5
"""So many places are named for each framework."""


class Evidence(msgspec.Struct, frozen=True, order=True):
    """A place that shows a framework: file relative to the tree, line from 1, and what stands there.

    ``application`` says that an application is made there, not only something imported or asked for.
    """

    file: str
    line: int
    what: str
    application: bool = False


class Detected(msgspec.Struct, frozen=True):
    """One framework. ``analysed`` says whether the gate judges its endpoints today."""

    framework: str
    evidence: tuple[Evidence, ...]
    analysed: bool

    @property
    def certain(self) -> bool:
        """Whether an application of the framework was seen; otherwise it is only imported or asked for."""
        return any(each.application for each in self.evidence)

    @property
    def status(self) -> str:
        """``analysed``, or ``detected, not analysed yet``."""
        return "analysed" if self.analysed else "detected, not analysed yet"


class _Python(msgspec.Struct, frozen=True):
    """How a Python framework shows: distributions, imported names, and code that makes an application."""

    framework: str
    distributions: tuple[str, ...]
    imports: tuple[str, ...]
    application: re.Pattern[bytes]
    what: str
    word: bytes = b""  # stands in every file that the pattern fits: quick to look for


def _pattern(text: bytes) -> re.Pattern[bytes]:
    return re.compile(text, re.MULTILINE)


def _made(name: bytes) -> re.Pattern[bytes]:
    """A call of the class, or a subclass."""
    return _pattern(rb"(?<!class )\b" + name + rb"\s*\(|\bclass\s+\w+\([^)#\n]*\b" + name + rb"\b")


_PYTHON = (
    _Python(
        "FastAPI", ("fastapi",), ("fastapi",), _made(b"FastAPI"), "makes a FastAPI application", b"FastAPI"
    ),
    _Python(
        "Starlette",
        ("starlette",),
        ("starlette.applications", "starlette.routing"),
        _made(b"Starlette"),
        "makes a Starlette application",
        b"Starlette",
    ),
    _Python("Flask", ("flask",), ("flask",), _made(b"Flask"), "makes a Flask application", b"Flask"),
    _Python(
        "Django",
        ("django",),
        ("django",),
        _pattern(rb"^(?:urlpatterns|INSTALLED_APPS)\b|\bget_[aw]sgi_application\s*\("),
        "sets up a Django site",
    ),
    _Python(
        "Django REST framework",
        ("djangorestframework",),
        ("rest_framework",),
        _pattern(rb"\b(?:APIView|(?:Model)?ViewSet|GenericAPIView)\b|@api_view\b|[\"']rest_framework[\"']"),
        "defines an API of Django REST framework",
    ),
    _Python(
        "Litestar",
        ("litestar",),
        ("litestar",),
        _made(b"Litestar"),
        "makes a Litestar application",
        b"Litestar",
    ),
)

_LONG_STRING = re.compile(rb"\"\"\".*?\"\"\"|'''.*?'''", re.DOTALL)

_COMMENT = re.compile(rb"(?<!\S)#[^\n]*")

_ANALYSED = frozenset({"FastAPI", "Starlette"})


class _Other(msgspec.Struct, frozen=True):
    """How a framework outside Python shows: files (by name) in which a pattern occurs."""

    framework: str
    files: re.Pattern[str]
    pattern: re.Pattern[bytes]
    what: str
    application: bool = False


_OTHERS = (
    _Other(
        "NestJS",
        re.compile(r"(?:main|app\.module)\.ts"),
        _pattern(rb"\bNestFactory\b|@nestjs/"),
        "sets up a NestJS application",
        True,
    ),
    _Other("Phoenix", re.compile(r"mix\.exs"), _pattern(rb"\{\s*:phoenix\s*,"), "asks for phoenix"),
    _Other(
        "Phoenix",
        re.compile(r"(?:router|endpoint)\.ex"),
        _pattern(rb"\buse\s+(?:Phoenix\.(?:Router|Endpoint)\b|\w+Web\s*,\s*:router)"),
        "defines a Phoenix router or endpoint",
        True,
    ),
    _Other("Rails", re.compile(r"Gemfile"), _pattern(rb"^\s*gem\s*\(?\s*[\"']rails[\"']"), "asks for rails"),
    _Other(
        "Rails",
        re.compile(r"(?:routes|application)\.rb"),
        _pattern(rb"\bRails(?:\.application\.routes|::Application)\b"),
        "configures a Rails application",
        True,
    ),
    _Other(
        "ASP.NET Core",
        re.compile(r".+\.[cf]sproj"),
        _pattern(rb"Microsoft\.NET\.Sdk\.Web\b|\bMicrosoft\.AspNetCore\b"),
        "is a web project",
    ),
    _Other(
        "ASP.NET Core",
        re.compile(r"(?:Program|Startup)\.cs"),
        _pattern(rb"\bMicrosoft\.AspNetCore\b|\bWebApplication\.Create|\bWebHost\b|\bIApplicationBuilder\b"),
        "sets up ASP.NET Core",
        True,
    ),
)  # fmt: skip


def detect(root: Path, settings: Settings) -> list[Detected]:
    """The frameworks used below ``root``, with evidence. Errors as in ``discover``."""
    return detect_in(discover(root, settings))


def detect_in(tree: ProjectTree) -> list[Detected]:
    """The frameworks used in a tree, sorted by name: first those the gate analyses."""
    heads = Heads(tree.root)
    manifests = read_manifests(tree.root, tree.manifests)
    code = [file for file in tree.files if file.zone in (Zone.PRODUCTION, Zone.GENERATED, Zone.SCRIPTS)]
    found: dict[str, list[Evidence]] = {}
    for kind in _PYTHON:
        evidence = [*_in_code(kind, code, heads), *_asked_for(kind, manifests.values(), tree.root)]
        found.setdefault(kind.framework, []).extend(evidence)
    for other in _OTHERS:
        found.setdefault(other.framework, []).extend(_in_files(other, tree.manifests, heads))
    found.setdefault("NestJS", []).extend(_in_package_json(tree.manifests, heads))
    detected = [
        Detected(framework, _best(evidence), framework in _ANALYSED)
        for framework, evidence in found.items()
        if evidence
    ]
    return sorted(detected, key=lambda each: (not each.analysed, each.framework))


def _best(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The strongest evidence first, no file twice."""
    by_file: dict[str, Evidence] = {}
    for each in sorted(evidence, key=lambda item: (not item.application, item)):
        by_file.setdefault(each.file, each)
    return tuple(by_file.values())[:MAX_EVIDENCE]


def _in_code(kind: _Python, files: Iterable[SourceFile], heads: Heads) -> Iterator[Evidence]:
    words = tuple(name.encode() for name in kind.imports)
    is_django = kind.framework.startswith("Django")  # its settings name it in strings
    for file in files:
        head = heads.get(file.path)
        if not any(word in head for word in words):
            continue
        if not (is_django or _wanted(kind, heads.imports(file.path))):
            continue  # a word in passing
        imported = _wanted(kind, imports_in(_plain(head)))
        if not (imported or is_django):
            continue  # only in a docstring
        code = heads.whole(file.path)
        made = kind.application.search(code) if kind.word in code else None
        if made:
            code = _plain(code)
            made = kind.application.search(code)
        if made:
            yield Evidence(file.path, _line(code, made.start()), kind.what, application=True)
        elif imported:
            first = imported[0].partition(".")[0].encode()
            place = re.search(rb"^[ \t]*(?:from|import)[ \t]+" + first + rb"\b", _plain(head), re.MULTILINE)
            yield Evidence(file.path, _line(head, place.start()) if place else 1, f"imports {imported[0]}")


def _wanted(kind: _Python, names: Iterable[str]) -> list[str]:
    """Those of the imported names that belong to a framework, sorted."""
    return sorted(
        name
        for name in names
        if any(name == wanted or name.startswith(f"{wanted}.") for wanted in kind.imports)
    )


def _asked_for(kind: _Python, manifests: Iterable[Manifest], root: Path) -> Iterator[Evidence]:
    heads = Heads(root)
    for manifest in manifests:
        for distribution in kind.distributions:
            source = manifest.sources.get(distribution)
            if source is not None:
                text = heads.whole(source)
                match = re.search(rb"(?i)\b" + re.escape(distribution.encode()) + rb"\b", text)
                line = _line(text, match.start()) if match else 1
                yield Evidence(source, line, f"asks for {distribution}")


def _in_files(kind: _Other, paths: Iterable[str], heads: Heads) -> Iterator[Evidence]:
    for path in paths:
        if kind.files.fullmatch(path.rpartition("/")[2]):
            text = heads.whole(path)
            match = kind.pattern.search(text)
            if match:
                yield Evidence(path, _line(text, match.start()), kind.what, kind.application)


def _in_package_json(paths: Iterable[str], heads: Heads) -> Iterator[Evidence]:
    for path in paths:
        if path.rpartition("/")[2] == "package.json":
            text = heads.whole(path)
            if b'"@nestjs/core"' in text and "@nestjs/core" in _packages(text):
                yield Evidence(path, _line(text, text.index(b'"@nestjs/core"')), "asks for @nestjs/core")


def _packages(text: bytes) -> set[str]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return set()
    tables = (
        [content.get(key) for key in ("dependencies", "devDependencies")] if isinstance(content, dict) else []
    )
    return {name for table in tables if isinstance(table, dict) for name in table}


def _plain(code: bytes) -> bytes:
    """Python code with long strings and comments blanked, byte for byte: they show applications that
    nobody makes."""
    return _COMMENT.sub(_blank, _LONG_STRING.sub(_blank, code))


def _blank(match: re.Match[bytes]) -> bytes:
    return re.sub(rb"[^\n]", b" ", match[0])


def _line(text: bytes, position: int) -> int:
    return text.count(b"\n", 0, position) + 1
