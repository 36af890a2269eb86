"""Rules as text: the list of all, and one as a page."""

from __future__ import annotations

import io
from collections.abc import Iterable
from itertools import groupby

from rich.text import Text

from backend_gate.discover.frameworks import Detected
from backend_gate.report.canvas import SEVERITY_COLORS, Canvas, console
from backend_gate.report.text import enumeration, one_line, path_text
from backend_gate.rules.examples import Example, Kind
from backend_gate.rules.spec import EvidenceClass, Fixable, Profile, RuleSpec

_PROFILE = {
    Profile.HANDOFF: "blocks a handoff",
    Profile.ADVISORY: "advises",
    Profile.OPT_IN: "runs only when selected",
}
_EVIDENCE = {
    EvidenceClass.SYNTACTIC: "the text of one place",
    EvidenceClass.FUNCTION: "one function",
    EvidenceClass.PROJECT: "the whole backend",
    EvidenceClass.RUNTIME: "a run of the tests",
}
_FIXABLE = {Fixable.NO: "by hand", Fixable.UNSAFE: "proposed, to be looked at", Fixable.SAFE: "automatic"}


def rule_list(rules: Iterable[RuleSpec], *, color: bool = False) -> str:
    """All rules, one a line, below the names of their groups."""
    specs = sorted(rules, key=lambda spec: (spec.group, int(spec.id.removeprefix("BG"))))
    if not specs:
        return "There are no rules.\n"
    longest = max(len(spec.slug) for spec in specs)
    canvas = Canvas(color=color)
    for group, members in groupby(specs, key=lambda spec: spec.group):
        canvas.line(group, "bold")
        for spec in members:
            line = Text(f"  {spec.id:<6}  {spec.slug:<{longest}}  ")
            line.append(f"{spec.severity.value:<7}", SEVERITY_COLORS[spec.severity])
            line.append(f"  {_PROFILE[spec.profile]:<{len(_PROFILE[Profile.OPT_IN])}}  ", "dim")
            line.append(spec.title)
            canvas.line(line)
        canvas.line()
    return canvas.text()


def framework_list(frameworks: Iterable[Detected], *, prefix: str = "", color: bool = False) -> str:
    """Each framework with its status, and the places that show it below."""
    canvas = Canvas(color=color)
    for each in frameworks:
        line = Text(each.framework, "bold")
        line.append(f"  {each.status}", "green" if each.analysed else "yellow")
        canvas.line(line)
        for item in each.evidence:
            canvas.line(Text(f"  {prefix}{path_text(item.file)}:{item.line}  {one_line(item.what)}"))
        canvas.gap()
    return canvas.text() or "No backend framework shows here.\n"


def rule_page(spec: RuleSpec) -> str:
    """One rule as Markdown: what it wants, why, how to mend it, and its examples."""
    parts = [
        f"# {spec.id} {spec.slug}",
        spec.title.rstrip(".") + ".",
        f"- Severity: {spec.severity.value}; {_PROFILE[spec.profile]}",
        f"- Looks at: {_EVIDENCE[spec.evidence]} ({enumeration(spec.frameworks)})",
        f"- Confidence: {spec.confidence.value}",
        f"- Fix: {_FIXABLE[spec.fixable]}",
        f"- Asked for by the standard: “{spec.standard}”",
    ]
    facts = parts[2:]
    classes = [f"CWE-{number}" for number in spec.cwe] + list(spec.owasp)
    if classes:
        facts.append(f"- Classes: {', '.join(classes)}")
    page = [
        *parts[:2],
        "\n".join(facts),
        "## Why it matters",
        spec.why.strip(),
        "## How to fix it",
        spec.fix.strip(),
    ]
    for kind, title in ((Kind.BAD, "## Found"), (Kind.GOOD, "## Not found")):
        examples = [example for example in spec.examples if example.kind is kind]
        if examples:
            page.append(title)
            page += [_example(example) for example in examples]
    if spec.references:
        page += ["## Further reading", "\n".join(f"- <{link}>" for link in spec.references)]
    return "\n\n".join(page) + "\n"


def _example(example: Example) -> str:
    parts = [f"### {example.title}"]
    if example.about:
        parts.append(example.about.strip())
    single = len(example.sources) == 1
    for name, source in example.sources.items():
        if not single:
            parts.append(f"`{name}`")
        parts.append(f"```python\n{source.rstrip()}\n```")
    return "\n\n".join(parts)


def laid_out(page: str, *, width: int, color: bool) -> str:
    """Markdown as a terminal shows it."""
    from rich.markdown import Markdown

    buffer = io.StringIO()
    markdown = Markdown(page, code_theme="ansi_light", hyperlinks=False)
    console(buffer, width=min(width, 100), color=color).print(markdown)
    return buffer.getvalue()
