"""``python -m backend_gate.rules.docs --write``: the pages of ``docs/rules`` from the rules' files.

``--check`` changes nothing and fails if a page is not what would be written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from backend_gate.errors import GateError
from backend_gate.rules.pages import rule_page, rules_index
from backend_gate.rules.spec import RuleSpec, load_rules, rules_directory

_NOTE = "<!-- Made from {source} by `python -m backend_gate.rules.docs --write`. -->\n\n"
_MADE = _NOTE.partition("{")[0]
INDEX = "README.md"


def pages(rules: Mapping[str, RuleSpec]) -> dict[str, str]:
    """The content of each file below ``docs/rules``; ``rules`` were loaded with their examples."""
    made = {INDEX: _NOTE.format(source="rules/") + rules_index(rules.values())}
    for spec in rules.values():
        note = _NOTE.format(source=f"rules/{spec.group}/{spec.slug}.yaml")
        made[f"{spec.slug}.md"] = note + rule_page(spec)
    return made


def differences(directory: Path, made: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with each file of ``directory``: ``missing``, ``outdated`` or ``without a rule``."""
    found: dict[str, str] = {}
    for name, text in made.items():
        path = directory / name
        if not path.is_file():
            found[name] = "missing"
        elif path.read_text(encoding="utf-8") != text:
            found[name] = "outdated"
    for path in directory.glob("*.md"):
        if path.name not in made and path.read_text(encoding="utf-8").startswith(_MADE):
            found[path.name] = "without a rule"
    return dict(sorted(found.items()))


def write(directory: Path, made: Mapping[str, str]) -> dict[str, str]:
    """Make ``directory`` hold the pages, and remove those whose rule is gone; says what was changed."""
    changed = differences(directory, made)
    directory.mkdir(parents=True, exist_ok=True)
    for name in changed:
        if name in made:
            (directory / name).write_text(made[name], encoding="utf-8")
        else:
            (directory / name).unlink()
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    """0: the pages are right (now); 1: ``--check`` found a difference; 2: a rule's file is wrong."""
    parser = argparse.ArgumentParser(prog="python -m backend_gate.rules.docs", description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true", help="write the pages")
    action.add_argument("--check", action="store_true", help="fail if a page differs")
    parser.add_argument("--directory", type=Path, help="where the pages lie (default: docs/rules)")
    options = parser.parse_args(arguments)
    try:
        source = rules_directory()
        made = pages(load_rules(source, with_examples=True))
    except GateError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    directory = options.directory or source.parent / "docs" / "rules"
    found = write(directory, made) if options.write else differences(directory, made)
    for name, what in found.items():
        sys.stdout.write(f"{name}: {what}\n")
    if options.check and found:
        sys.stdout.write("Run `python -m backend_gate.rules.docs --write`.\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
