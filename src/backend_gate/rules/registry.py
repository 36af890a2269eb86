"""Brings each rule and its check together, and runs them.

There is no list: a rule is a file ``rules/<group>/<slug>.yaml`` and a module of the package
:mod:`backend_gate.rules.checks` with one generator in it, both named after the slug. One without the
other is an error at the start.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import msgspec

from backend_gate.errors import GateError, RuleFileError, SettingsError
from backend_gate.rules import checks
from backend_gate.rules.model import Finding
from backend_gate.rules.project import Project
from backend_gate.rules.spec import Profile, RuleSpec, load_rules
from backend_gate.settings import Settings, line_of

Check = Callable[[Project], Iterator[Finding]]


@dataclass(slots=True)
class RuleRun:
    """What the rules found, in a total order, and which of them crashed: slug and exception."""

    findings: list[Finding] = field(default_factory=list)
    crashed: list[tuple[str, Exception]] = field(default_factory=list)


def load_registry() -> dict[str, RuleSpec]:
    """All rules of the gate by slug, each of which has a check. Checks are imported when they run.

    Raises:
        RuleFileError: a rule's file is wrong, a rule has no check, or a check has no rule.
    """
    rules = load_rules()
    require_pairs(rules, check_modules())
    return rules


def check_modules() -> set[str]:
    """The names of the modules that hold a check."""
    return {
        module.name for module in pkgutil.iter_modules(checks.__path__) if not module.name.startswith("_")
    }


def require_pairs(rules: Mapping[str, RuleSpec], modules: Iterable[str]) -> None:
    """Rules and modules of checks match one to one.

    Raises:
        RuleFileError: one of them stands alone.
    """
    modules = set(modules)
    expected = {spec.module: spec for spec in rules.values()}
    for name in sorted(expected.keys() - modules):
        spec = expected[name]
        raise RuleFileError(
            f"the rule {spec.id} has no check",
            f"Add src/backend_gate/rules/checks/{name}.py, or remove the rule.",
            file=f"rules/{spec.group}/{spec.slug}.yaml",
        )
    for name in sorted(modules - expected.keys()):
        raise RuleFileError(
            "the check has no rule",
            f"Add rules/<group>/{name.replace('_', '-')}.yaml, or remove the check.",
            file=f"src/backend_gate/rules/checks/{name}.py",
        )


def load_check(spec: RuleSpec) -> Check:
    """The generator that finds the faults of ``spec``.

    Raises:
        RuleFileError: the module holds no generator function of its own name.
    """
    module = importlib.import_module(f"{checks.__name__}.{spec.module}")
    check = getattr(module, spec.module, None)
    if not inspect.isgeneratorfunction(check):
        raise RuleFileError(
            f"there is no generator function `{spec.module}`",
            f"Write `def {spec.module}(project: Project) -> Iterator[Finding]` with a `yield` in it.",
            file=f"src/backend_gate/rules/checks/{spec.module}.py",
        )
    return check


def select_rules(
    rules: Mapping[str, RuleSpec], select: Iterable[str] = (), ignore: Iterable[str] = ()
) -> list[RuleSpec]:
    """The rules to run, in the order of ``rules``; names are ids, slugs or groups.

    Without ``select`` these are all but the opt-in ones. A group selects its opt-in rules only by
    name. ``ignore`` wins over ``select``.

    Raises:
        GateError: a name fits no rule.
    """
    chosen, ignored = _named(rules, select), _named(rules, ignore)
    taken: list[RuleSpec] = []
    for spec in rules.values():
        by_name = spec.slug in chosen or spec.id.lower() in chosen
        by_default = spec.profile is not Profile.OPT_IN and (not chosen or spec.group in chosen)
        if (by_name or by_default) and not ignored & {spec.slug, spec.id.lower(), spec.group}:
            taken.append(spec)
    return taken


def check_names(rules: Mapping[str, RuleSpec], settings: Settings) -> None:
    """Look for names in a configuration that fit no rule.

    Raises:
        SettingsError: there is one.
    """
    for key, names in (("select", settings.select), ("ignore", settings.ignore)):
        for position, name in enumerate(names):
            try:
                _named(rules, (name,))
            except GateError as error:
                file = settings.source or settings.base
                line = line_of(settings, (key, position))
                raise SettingsError(f"{key}: {error.message}", error.hint, file=file, line=line) from error


def run_rules(project: Project, specs: Iterable[RuleSpec]) -> RuleRun:
    """Run the checks of ``specs``. One that crashes is named and the others run; what it found stays."""
    run = RuleRun()
    specs = list(specs)
    project = replace(project, running=frozenset(spec.slug for spec in specs))
    for spec in specs:
        try:
            for finding in load_check(spec)(project):
                if finding.rule != spec.slug:
                    raise ValueError(f"the check reported `{finding.rule}` instead of its own rule")
                run.findings.append(finding)
        except Exception as error:  # noqa: BLE001  the gate names it and fails closed: see RuleRun.crashed
            run.crashed.append((spec.slug, error))
    run.findings.sort(key=finding_order)
    return run


def finding_order(finding: Finding) -> tuple[str, int, int, str, str, bytes]:
    """The key of the total order: file, line, column, rule, subject, then everything else."""
    span = finding.place.span
    return (
        finding.place.file,
        span.line,
        span.column,
        finding.rule,
        finding.subject,
        msgspec.json.encode(finding),
    )


def _named(rules: Mapping[str, RuleSpec], names: Iterable[str]) -> set[str]:
    known = {name for spec in rules.values() for name in (spec.slug, spec.id.lower(), spec.group)}
    wanted = {name.strip().lower() for name in names}
    for name in sorted(wanted - known):
        nearest = difflib.get_close_matches(name, sorted(known), 1)
        ids = {spec.id.lower(): spec.id for spec in rules.values()}
        hint = (
            f'Did you mean "{ids.get(nearest[0], nearest[0])}"?'
            if nearest
            else "`backend-gate rules` lists them."
        )
        raise GateError(f'there is no rule "{name}"', hint)
    return wanted
