"""The pages of the rules: made from the rules' files, complete, and unchanged since."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend_gate.errors import RuleFileError
from backend_gate.rules import docs
from backend_gate.rules.docs import INDEX, differences, pages, write
from backend_gate.rules.pages import rule_page
from backend_gate.rules.spec import RuleSpec, load_rule, load_rules, rules_directory

RULES = load_rules(with_examples=True)


def test_the_committed_pages_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert docs.main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("spec", RULES.values(), ids=RULES)
def test_a_page_holds_everything_the_file_says(spec: RuleSpec) -> None:
    page = rule_page(spec)

    assert page.startswith(f"# {spec.id} {spec.slug}\n")
    assert page.endswith("\n")
    assert not page.endswith("\n\n")
    for part in (
        spec.message,
        spec.why.strip(),
        spec.fix.strip(),
        spec.standard,
        *spec.references,
        *spec.owasp,
    ):
        assert part in page
    for example in spec.examples:
        assert example.title[1:] in page
        arrows = page.count(f"# ← {spec.id}")
    assert arrows == sum(len(example.expectations()) for example in spec.examples)
    assert "# expect:" not in page
    assert page.count("```") % 2 == 0


def test_a_page_without_examples_has_no_empty_chapters() -> None:
    page = rule_page(load_rules()["endpoint-without-auth"])

    assert "## What it finds" not in page
    assert "## How to fix it" in page


def test_the_index_links_every_page() -> None:
    made = pages(RULES)
    links = re.findall(r"\]\(([^)]+\.md)\)", made[INDEX])

    assert sorted(links) == sorted(set(made) - {INDEX})


def test_differences_are_named_and_written(tmp_path: Path) -> None:
    made = pages(RULES)
    assert write(tmp_path, made).keys() == made.keys()
    assert differences(tmp_path, made) == {}

    (tmp_path / "sql-built-from-values.md").unlink()
    (tmp_path / INDEX).write_text("changed", encoding="utf-8")
    (tmp_path / "old-rule.md").write_text(made["endpoint-without-auth.md"], encoding="utf-8")
    (tmp_path / "by-hand.md").write_text("# Written by a person\n", encoding="utf-8")

    expected = {INDEX: "outdated", "old-rule.md": "without a rule", "sql-built-from-values.md": "missing"}
    assert differences(tmp_path, made) == expected
    assert write(tmp_path, made) == expected
    assert differences(tmp_path, made) == {}
    assert not (tmp_path / "old-rule.md").exists()
    assert (tmp_path / "by-hand.md").exists()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = ["--directory", str(tmp_path)]

    assert docs.main(["--check", *target]) == 1
    assert "endpoint-without-auth.md: missing" in capsys.readouterr().out
    assert docs.main(["--write", *target]) == 0
    assert docs.main(["--check", *target]) == 0


def test_a_wrong_rule_file_ends_with_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Path:
        raise RuleFileError("the folder of the rules is missing", file=rules_directory())

    monkeypatch.setattr(docs, "rules_directory", broken)

    assert docs.main(["--check"]) == 2
    assert "missing" in capsys.readouterr().err


def test_the_guide_s_own_example_is_a_rule(tmp_path: Path) -> None:
    guide = (rules_directory().parent / "docs" / "add-a-rule.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    path = tmp_path / "api" / "page-size-unbounded.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")

    spec = load_rule(path, with_examples=True)

    assert spec.id not in {known.id for known in RULES.values()}
    assert f"def {spec.module}(project: Project) -> Iterator[Finding]:" in guide
