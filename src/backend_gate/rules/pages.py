"""Rules as Markdown: one as a page, all of them as an index."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import PurePosixPath

from backend_gate.rules.examples import Example, Kind, for_readers
from backend_gate.rules.spec import EvidenceClass, Fixable, Profile, RuleSpec

_PROFILE = {
    Profile.HANDOFF: "blocks a handoff",
    Profile.ADVISORY: "advice at a handoff",
    Profile.OPT_IN: "runs only when selected",
}
_EVIDENCE = {
    EvidenceClass.SYNTACTIC: "the text of a file",
    EvidenceClass.FUNCTION: "one function at a time",
    EvidenceClass.PROJECT: "the whole backend, across files",
    EvidenceClass.RUNTIME: "a run of the project's tests",
}
_FIXABLE = {
    Fixable.NO: "by hand",
    Fixable.UNSAFE: "a fix is proposed, to be looked at",
    Fixable.SAFE: "fixed safely by the gate",
}
_LANGUAGES = {".py": "python", ".toml": "toml", ".yaml": "yaml", ".html": "html", ".sql": "sql"}


def rule_page(spec: RuleSpec) -> str:
    """Everything about one rule, with its examples if it was loaded with them; ends with a line break."""
    parts = [
        f"# {spec.id} {spec.slug}",
        f"{spec.message}.",
        _facts(spec),
        "## Why it matters",
        spec.why.strip(),
        "## How to fix it",
        spec.fix.strip(),
    ]
    for kind, title in ((Kind.BAD, "## What it finds"), (Kind.GOOD, "## What stays silent")):
        chosen = [example for example in spec.examples if example.kind is kind]
        if chosen:
            parts += [title, *map(_example, chosen)]
    if spec.references:
        parts += ["## Further reading", "\n".join(f"- <{reference}>" for reference in spec.references)]
    return "\n\n".join(parts) + "\n"


def rules_index(rules: Iterable[RuleSpec]) -> str:
    """A table of all rules for each group, with links to pages beside it; ends with a line break."""
    ordered = list(rules)
    parts = [
        "# Rules",
        "A page for each rule, made from its file in `rules/`. Severity is the worst that the rule reports.",
    ]
    for group, members in groupby(ordered, key=lambda spec: spec.group):
        rows = [
            f"| {spec.id} | [{spec.slug}]({spec.slug}.md) | {spec.title} "
            f"| {spec.severity.value} | {_PROFILE[spec.profile]} |"
            for spec in members
        ]
        header = ["| Id | Rule | Fault | Severity | Profile |", "| --- | --- | --- | --- | --- |"]
        parts += [f"## {group.capitalize()}", "\n".join(header + rows)]
    return "\n\n".join(parts) + "\n"


def _facts(spec: RuleSpec) -> str:
    frameworks = "all" if spec.frameworks == ("*",) else ", ".join(spec.frameworks)
    facts = {
        "Severity": f"{spec.severity.value}, {_PROFILE[spec.profile]}",
        "Confidence": f"{spec.confidence.value}; expected precision: {spec.precision.value}",
        "Frameworks": frameworks,
        "Looks at": _EVIDENCE[spec.evidence],
        "Fix": _FIXABLE[spec.fixable],
        "Standard": f"“{spec.standard}”",
    }
    if spec.cwe:
        facts["CWE"] = ", ".join(
            f"[CWE-{number}](https://cwe.mitre.org/data/definitions/{number}.html)" for number in spec.cwe
        )
    if spec.owasp:
        facts["OWASP"] = ", ".join(spec.owasp)
    if spec.security_severity:
        facts["Security severity"] = f"{spec.security_severity} of 10, on the scale of CVSS"
    return "\n".join(f"- **{name}**: {value}" for name, value in facts.items())


def _example(example: Example) -> str:
    title = example.title[:1].upper() + example.title[1:]
    parts = [f"### {title}"]
    if example.about:
        parts.append(example.about.strip())
    shown = {name: source for name, source in example.sources.items() if source.strip()}
    for name, source in shown.items():
        if len(shown) > 1:
            parts.append(f"`{name}`")
        language = _LANGUAGES.get(PurePosixPath(name).suffix, "text")
        parts.append(f"```{language}\n{for_readers(source).rstrip()}\n```")
    return "\n\n".join(parts)
