"""What a rule says: loads ``rules/<group>/<slug>.yaml``.

A run needs the texts of a rule but not its examples, which are most of a file; they stand last and
are cut off before the YAML is read, unless somebody asks for them.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import msgspec

import backend_gate
from backend_gate.errors import RuleFileError
from backend_gate.rules.examples import Example
from backend_gate.rules.model import Severity
from backend_gate.yaml_reader import Document, YamlReadError, convert, read_mapping

VOCABULARY = "vocabulary"
"""The folder among the groups that holds no rules but what names of libraries mean."""

LIBRARY = "library"
"""The folder that holds no rules but stand-ins for libraries that make routes or guards."""

_REINSTALL = "Install backend-gate again."
_SEE = "docs/add-a-rule.md says what a rule's file holds."
_EXAMPLES = re.compile(r"^examples:", re.MULTILINE)
_CVSS = r"^(10\.0|[1-9]\.[0-9]|0\.[1-9])$"


class Confidence(enum.Enum):
    """How sure a finding of the rule is, given what the rule can see."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Precision(enum.Enum):
    """Which share of the rule's findings is true on real code; the scale of GitHub's code scanning."""

    VERY_HIGH = "very-high"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Profile(enum.Enum):
    """What the rule means for handing over: it blocks, it advises, or it runs only when selected."""

    HANDOFF = "handoff"
    ADVISORY = "advisory"
    OPT_IN = "opt-in"


class EvidenceClass(enum.Enum):
    """What the rule has to look at: text, one function, the linked project, or a run of the tests."""

    SYNTACTIC = "syntactic"
    FUNCTION = "function"
    PROJECT = "project"
    RUNTIME = "runtime"


class Fixable(enum.Enum):
    """Whether the gate can mend it: never, only if a person looks at the change, or always."""

    NO = "no"
    UNSAFE = "unsafe"
    SAFE = "safe"


Text = Annotated[str, msgspec.Meta(min_length=1)]


class RuleSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything a rule says about itself; the fields are the keys of its file.

    ``slug`` names the fault, ``group`` is the folder. ``severity`` is the worst the rule reports;
    a finding may be milder. ``frameworks`` names those it understands. ``standard`` quotes the line
    of the standard that asks for it. ``cwe`` are numbers of the Common Weakness Enumeration,
    ``owasp`` entries of the OWASP API Security Top 10 (``API2:2023``). ``security_severity`` (``0.1``
    to ``10.0``, the scale of CVSS) says how bad the fault is for security; a rule without it is about
    quality. ``title`` is the fault in a few words, ``message`` in one sentence; ``why`` and ``fix`` are
    Markdown. ``examples`` are empty unless the rule was loaded with them.
    """

    id: Annotated[str, msgspec.Meta(pattern=r"^BG[0-9]{3,4}$")]
    slug: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    group: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z-]*$")]
    severity: Severity
    confidence: Confidence
    precision: Precision
    profile: Profile
    frameworks: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    standard: Text
    evidence: EvidenceClass
    fixable: Fixable
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    message: Text
    why: Text
    fix: Text
    cwe: tuple[Annotated[int, msgspec.Meta(gt=0)], ...] = ()
    owasp: tuple[Annotated[str, msgspec.Meta(pattern=r"^(API|A)[0-9]{1,2}:20[0-9]{2}$")], ...] = ()
    security_severity: Annotated[str, msgspec.Meta(pattern=_CVSS)] | None = None
    references: tuple[Annotated[str, msgspec.Meta(pattern=r"^https://")], ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def module(self) -> str:
        """The name of the module, and of the function in it, that holds the check."""
        return self.slug.replace("-", "_")


def rules_directory() -> Path:
    """The folder of the rules: inside an installed package, or at the top of a checkout.

    Raises:
        RuleFileError: neither is there.
    """
    package = Path(backend_gate.__file__).resolve().parent
    installed = package / "_rules"
    if installed.is_dir():
        return installed
    checkout = package.parent.parent / "rules"
    if package.parent.name == "src" and checkout.is_dir():
        return checkout
    raise RuleFileError("the folder of the rules is missing", _REINSTALL, file=installed)


def rule_files(directory: Path) -> list[Path]:
    """The files of all rules below ``directory``, in order."""
    return sorted(path for path in directory.glob("*/*.yaml") if path.parent.name != VOCABULARY)


def load_rules(directory: Path | None = None, *, with_examples: bool = False) -> dict[str, RuleSpec]:
    """All rules by slug, ordered by id; ``directory`` is where the groups lie, by default the gate's own.

    Raises:
        RuleFileError: a file is not as it should be, or two rules share an id or a slug.
    """
    directory = directory or rules_directory()
    files = rule_files(directory)
    if not files:
        raise RuleFileError("there is no rule in this folder", _REINSTALL, file=directory)
    loaded = [(path, load_rule(path, with_examples=with_examples)) for path in files]
    _check_unique(loaded)
    return {spec.slug: spec for _, spec in sorted(loaded, key=lambda pair: _number(pair[1]))}


def load_rule(path: Path, *, with_examples: bool = False) -> RuleSpec:
    """One rule. Without examples, what follows the key ``examples`` is not looked at.

    Raises:
        RuleFileError: the file cannot be read, or its content is not a rule; names file and line.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise RuleFileError("is not UTF-8", "Save it as UTF-8.", file=path, line=line) from error
    except OSError as error:
        raise RuleFileError(f"cannot be read: {error.strerror}", "Make it readable.", file=path) from error
    if not with_examples and (start := _EXAMPLES.search(text)):
        text = text[: start.start()]
    return _rule(path, text, with_examples=with_examples)


@lru_cache(maxsize=512)
def _rule(path: Path, text: str, *, with_examples: bool) -> RuleSpec:
    """The rule in the text of a file. Rules do not change, and one process may judge many folders."""
    try:
        document = read_mapping(text)
    except YamlReadError as problem:
        raise RuleFileError(problem.message, _SEE, file=path, line=problem.line) from problem
    spec = _convert(path, document)
    for key, value, expected in (("slug", spec.slug, path.stem), ("group", spec.group, path.parent.name)):
        if value != expected:
            message = f"`{key}` is `{value}`, but the file lies at {path.parent.name}/{path.name}"
            hint = f"Write `{expected}`, or move the file."
            raise RuleFileError(message, hint, file=path, line=document.line_of((key,)))
    if with_examples:
        _check_examples(path, document, spec)
    return spec


def find_rule(rules: Mapping[str, RuleSpec], name: str) -> RuleSpec | None:
    """The rule with this slug or id, whatever the case; ``None`` if there is none."""
    wanted = name.strip().lower()
    for spec in rules.values():
        if wanted in (spec.slug, spec.id.lower()):
            return spec
    return None


def _convert(path: Path, document: Document) -> RuleSpec:
    try:
        return convert(document, RuleSpec)
    except YamlReadError as problem:
        raise RuleFileError(problem.message, _SEE, file=path, line=problem.line) from problem


def _check_examples(path: Path, document: Document, spec: RuleSpec) -> None:
    if list(document.value)[-1] != "examples":
        line = document.line_of(("examples",))
        raise RuleFileError("`examples` is not the last key", "Move it to the end.", file=path, line=line)
    for index, example in enumerate(spec.examples):
        expected = example.expectations()
        if expected and spec.id not in {expectation.rule for expectation in expected}:
            line = document.line_of(("examples", index))
            hint = f"Mark a line with `# expect: {spec.id}`."
            raise RuleFileError(f"a bad example does not expect {spec.id}", hint, file=path, line=line)


def _check_unique(loaded: Iterable[tuple[Path, RuleSpec]]) -> None:
    """Ids and slugs are unique, and a hundred of ids belongs to one group."""
    owner: dict[str, tuple[str, Path]] = {}
    for path, spec in loaded:
        for key, value in ((spec.id, spec.slug), (spec.slug, spec.slug), (f"{spec.id[:-2]}xx", spec.group)):
            known, known_path = owner.setdefault(key, (value, path))
            same_file = known_path == path
            if known != value or (not same_file and not key.endswith("xx")):
                message = f"`{key}` is taken by {known_path.parent.name}/{known_path.name}"
                raise RuleFileError(message, "Choose another; ids are never used again.", file=path)


def _number(spec: RuleSpec) -> int:
    return int(spec.id.removeprefix("BG"))
