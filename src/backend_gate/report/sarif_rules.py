"""Rules as SARIF describes them, with the properties that GitHub code scanning reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from backend_gate.report.text import first_paragraph, sentence
from backend_gate.rules.model import Severity
from backend_gate.rules.pages import rule_page
from backend_gate.rules.spec import RuleSpec

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
MAX_TAGS = 20

_PROBLEM_SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
_FENCE = re.compile(r"^ *```.*\n?", re.MULTILINE)


def in_order(rules: Iterable[RuleSpec]) -> list[RuleSpec]:
    """The rules by number."""
    return sorted(rules, key=lambda rule: int(rule.id.removeprefix("BG")))


def descriptor(rule: RuleSpec) -> dict[str, Any]:
    """One ``reportingDescriptor``: what the rule wants, why, how to mend it, and its classes."""
    page = rule_page(msgspec.structs.replace(rule, examples=()))
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.slug.split("-")),
        "shortDescription": {"text": sentence(rule.title)},
        "fullDescription": {"text": f"{sentence(rule.message)} {first_paragraph(rule.why)}"},
        "help": {"text": _FENCE.sub("", f"{rule.why.strip()}\n\n{rule.fix.strip()}"), "markdown": page},
        **({"helpUri": rule.references[0]} if rule.references else {}),
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "precision": rule.precision.value,
            "problem.severity": _PROBLEM_SEVERITY[rule.severity],
            # GitHub shows a number from 0 to 10 as low, medium, high or critical, and wants a string.
            **({"security-severity": rule.security_severity} if rule.security_severity else {}),
            "tags": _tags(rule),
        },
    }


def _tags(rule: RuleSpec) -> list[str]:
    """What the rule is about, in GitHub's spelling; GitHub takes 20 and shows 10."""
    tags = ["security" if rule.security_severity else "quality", rule.group]
    tags += [f"external/cwe/cwe-{number:03}" for number in rule.cwe]
    tags += [f"external/owasp/{entry.lower().replace(':', '-')}" for entry in rule.owasp]
    return tags[:MAX_TAGS]
