"""The baseline: what it covers, what it does not, and its file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import gate_here
from trees import git, plant

from backend_gate.backend.model import Place
from backend_gate.errors import BaselineError
from backend_gate.facts.model import Span
from backend_gate.gate import Overrides, check
from backend_gate.rules.model import Finding, Severity
from backend_gate.settle.baseline import NAME, BaselineEntry, read_baseline, render_baseline
from backend_gate.settle.fingerprint import Fingerprint
from backend_gate.settle.matching import match
from backend_gate.settle.verdict import Verdict

HEAD = "from fastapi import FastAPI\n\napp = FastAPI()\n"
OPEN = '\n\n@app.post("/{0}")\ndef {0}(data: dict, other: list) -> None:\n    print(data, other)\n'
RULES = ("endpoint-without-auth", "untyped-request-body")


def judged(root: Path, **more: object) -> Verdict:
    """The verdict on a tree by two rules."""
    return check([root], Overrides(select=RULES, **more), jobs=1)[1]  # type: ignore[arg-type]


def write(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``baseline write`` in a folder whose configuration selects the two rules."""
    return gate_here("baseline", "write", *arguments, cwd=root)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A backend with six findings and a baseline of them."""
    plant(
        tmp_path,
        {
            "backend-gate.toml": f"select = {json.dumps(RULES)}\n",
            "main.py": HEAD + OPEN.format("create") + OPEN.format("change"),
        },
    )
    done = write(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{NAME} holds 6 findings.\nCommit it")
    return tmp_path


def service(root: Path) -> None:
    """A project of its own with three findings."""
    project = f"[project]\nname = '{root.name}'\n"
    plant(root, {"main.py": HEAD + OPEN.format("create"), "pyproject.toml": project})


def edit(root: Path, old: str, new: str, file: str = "main.py") -> None:
    """Replace text that is there exactly once."""
    text = (root / file).read_text()
    assert text.count(old) == 1, text
    (root / file).write_text(text.replace(old, new))


# --- what is known again -------------------------------------------------------------------------


def test_known_findings_do_not_fail(shop: Path) -> None:
    verdict = judged(shop)
    assert (verdict.exit_code, len(verdict.baselined), verdict.findings) == (0, 6, ())
    without = judged(shop, use_baseline=False)
    assert (without.exit_code, len(without.findings)) == (1, 6)


def test_shifted_lines_and_a_formatter_change_nothing(shop: Path) -> None:
    text = (shop / "main.py").read_text()
    text = text.replace("\n\n@app.post", '\nLIMIT = 3  # "x"\n\n\n@app . post').replace(
        "(data: dict, other: list)", "(\n    data :dict ,\n  other: list,)"
    )
    text = text.replace('"/create"', "'/create',")
    (shop / "main.py").write_text(text)
    assert judged(shop).findings == ()
    subprocess.run([sys.executable, "-m", "ruff", "format", "--isolated", "-q", shop / "main.py"], check=True)
    assert "(data: dict, other: list)" not in text
    verdict = judged(shop)
    assert (verdict.findings, verdict.fixed) == ((), ())


def test_another_function_with_the_same_code_is_new(shop: Path) -> None:
    with (shop / "main.py").open("a") as stream:
        stream.write(OPEN.format("remove"))
    verdict = judged(shop)
    assert (len(verdict.findings), len(verdict.baselined), verdict.exit_code) == (3, 6, 1)


def test_one_more_of_the_same_in_the_same_place_is_new(shop: Path) -> None:
    (shop / "main.py").write_text(HEAD + OPEN.format("create") * 2 + OPEN.format("change"))
    verdict = judged(shop)
    assert Counter(finding.rule for finding in verdict.findings) == {RULES[0]: 1, RULES[1]: 2}
    assert {finding.place.span.line > 9 for finding in verdict.findings} == {True}


def test_what_is_fixed_is_told_and_dropped(shop: Path) -> None:
    edit(shop, "def change(data: dict, other: list)", "def change(data: int, other: str)")
    verdict = judged(shop)
    assert [(entry.rule, entry.symbol, entry.code) for entry in verdict.fixed] == [
        (RULES[1], "change", "data:dict"),
        (RULES[1], "change", "other:list"),
    ]
    assert verdict.exit_code == 0
    done = gate_here("check", cwd=shop)
    assert "2 findings of the baseline are fixed: `backend-gate baseline prune`" in done.stdout
    pruned = gate_here("baseline", "prune", cwd=shop)
    assert (pruned.returncode, "2 findings fixed and dropped" in pruned.stdout) == (0, True)
    assert len(read_baseline(shop / NAME)) == 4
    assert judged(shop).fixed == ()
    edit(shop, "def change(data: int", "def change(data: dict")
    assert [finding.rule for finding in judged(shop).findings] == [RULES[1]]


def test_a_part_of_a_count_can_be_fixed(shop: Path) -> None:
    (shop / "main.py").write_text(HEAD + OPEN.format("create") * 3)
    write(shop, "--allow-growth")
    (shop / "main.py").write_text(HEAD + OPEN.format("create") * 2)
    verdict = judged(shop)
    assert {entry.count for entry in verdict.fixed} == {1}
    write(shop)
    assert {entry.count for entry in read_baseline(shop / NAME)} == {2}


# --- moves ---------------------------------------------------------------------------------------


def routes(name: str, tag: str = "") -> str:
    """A module with one router and one open endpoint."""
    path = f"/{tag}{name}"
    return (
        "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n"
        f'@router.post("{path}")\ndef {name}(data: dict) -> None:\n    print(data)\n'
    )


def modular(root: Path, modules: dict[str, str]) -> Path:
    """A backend of these modules."""
    names = sorted(modules)
    main = "from fastapi import FastAPI\n" + "".join(f"from shop import {name}\n" for name in names)
    main += "\napp = FastAPI()\n" + "".join(f"app.include_router({name}.router)\n" for name in names)
    plant(
        root,
        {
            "backend-gate.toml": f"select = {json.dumps(RULES)}\n",
            "shop/__init__.py": "",
            "shop/main.py": main,
        },
    )
    for old in (root / "shop").glob("*.py"):
        if old.stem not in ("__init__", "main"):
            old.unlink()
    plant(root, {f"shop/{name}.py": text for name, text in modules.items()})
    return root


def test_a_renamed_file_is_known_and_the_baseline_follows(tmp_path: Path) -> None:
    modular(tmp_path, {"users": routes("create"), "orders": routes("order")})
    write(tmp_path)
    modular(tmp_path, {"people": routes("create"), "orders": routes("order")})
    verdict = judged(tmp_path)
    assert (verdict.findings, verdict.fixed, len(verdict.baselined)) == ((), (), 4)
    assert write(tmp_path).returncode == 0
    assert {entry.file for entry in read_baseline(tmp_path / NAME)} == {"shop/people.py", "shop/orders.py"}


def test_a_function_that_moves_to_another_file_is_known(tmp_path: Path) -> None:
    both = routes("create") + routes("order").partition("\n\n\n")[2].join(["\n\n", ""])
    modular(tmp_path, {"users": both})
    write(tmp_path)
    modular(tmp_path, {"users": routes("create"), "orders": routes("order")})
    verdict = judged(tmp_path)
    assert (verdict.findings, verdict.fixed) == ((), ())


def test_a_copy_is_new(tmp_path: Path) -> None:
    modular(tmp_path, {"users": routes("create")})
    write(tmp_path)
    modular(tmp_path, {"users": routes("create"), "people": routes("create")})
    assert {finding.place.file for finding in judged(tmp_path).findings} == {"shop/people.py"}


def test_mended_here_and_made_there_is_new(tmp_path: Path) -> None:
    modular(tmp_path, {"users": routes("create")})
    write(tmp_path)
    modular(tmp_path, {"users": routes("create").replace("dict", "int"), "people": routes("create")})
    assert Counter(finding.place.file for finding in judged(tmp_path).findings) == {"shop/people.py": 2}


def test_where_two_places_could_be_meant_both_are_new(tmp_path: Path) -> None:
    modular(tmp_path, {"users": routes("create")})
    write(tmp_path)
    modular(tmp_path, {"people": routes("create"), "persons": routes("create")})
    assert Counter(finding.place.file for finding in judged(tmp_path).findings) == {
        "shop/people.py": 2,
        "shop/persons.py": 2,
    }


# --- writing -------------------------------------------------------------------------------------


def test_it_only_shrinks_unless_told_otherwise(shop: Path) -> None:
    edit(shop, "def change(data: dict,", "def change(data: int,")
    with (shop / "main.py").open("a") as stream:
        stream.write(OPEN.format("remove"))
    done = write(shop)
    assert done.returncode == 1
    assert "1 finding fixed since:\n  main.py: untyped-request-body in change: data:dict\n" in done.stdout
    assert "3 findings left out, as a baseline only shrinks:\n" in done.stdout
    assert "endpoint-without-auth in remove" in done.stdout
    assert len(read_baseline(shop / NAME)) == 5
    assert gate_here("check", cwd=shop).returncode == 1
    grown = write(shop, "--allow-growth")
    assert (grown.returncode, "3 findings taken in:" in grown.stdout) == (0, True)
    assert gate_here("check", cwd=shop).returncode == 0
    assert len(read_baseline(shop / NAME)) == 8


def test_nothing_is_written_if_not_everything_could_be_judged(shop: Path) -> None:
    before = (shop / NAME).read_text()
    (shop / "broken.py").write_text("def f(:\n")
    for action in (("write",), ("write", "--allow-growth"), ("prune",)):
        done = gate_here("baseline", *action, cwd=shop)
        assert done.returncode == 2
        assert "Nothing was written" in done.stderr
        assert "broken.py" in done.stderr
    assert (shop / NAME).read_text() == before


def test_an_incomplete_run_calls_nothing_fixed(shop: Path) -> None:
    edit(shop, "def change(data: dict,", "def change(data: int,")
    assert judged(shop).fixed != ()
    (_, verdict) = check([shop], Overrides(select=RULES[:1]), jobs=1)
    assert (verdict.fixed, len(verdict.baselined)) == ((), 2)
    (shop / "broken.py").write_text("def f(:\n")
    assert judged(shop).fixed == ()


def test_show_lists_without_judging(shop: Path) -> None:
    (shop / "main.py").write_text("def f(:\n")
    table = gate_here("baseline", "show", cwd=shop)
    assert table.returncode == 0
    assert 'endpoint-without-auth in create: app.post("/create")' in table.stdout
    assert f"{NAME} holds 6 findings:" in table.stdout
    document = json.loads(gate_here("baseline", "show", "--format", "json", cwd=shop).stdout)
    assert [item["symbol"] for item in document["findings"]] == [
        "change",
        "create",
        "change",
        "change",
        "create",
        "create",
    ]


def test_without_a_baseline(tmp_path: Path) -> None:
    plant(tmp_path, {"main.py": HEAD + '\n\n@app.get("/health")\ndef health() -> str:\n    return "ok"\n'})
    for action in ("show", "prune"):
        done = gate_here("baseline", action, cwd=tmp_path)
        assert (done.returncode, "`backend-gate baseline write` makes one." in done.stderr) == (2, True)
    done = write(tmp_path)
    assert (done.returncode, done.stdout) == (0, "Nothing to write: there are no findings.\n")
    assert not (tmp_path / NAME).exists()


# --- where it stands -----------------------------------------------------------------------------


def test_it_is_found_from_below_and_its_paths_are_its_own(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {"services/orders/main.py": HEAD + OPEN.format("create"), "services/orders/pyproject.toml": ""},
    )
    git(tmp_path, "init", "-q")
    assert write(tmp_path).returncode == 0
    (tmp_path / "services/orders/pyproject.toml").write_text("[project]\nname = 'orders'\n")
    files = {entry.file for entry in read_baseline(tmp_path / NAME)}
    assert files == {"services/orders/main.py"}
    for folder in (tmp_path, tmp_path / "services", tmp_path / "services/orders"):
        assert judged(folder).findings == ()
    edit(tmp_path, "data: dict", "data: int", "services/orders/main.py")
    (entry,) = judged(tmp_path / "services/orders").fixed
    assert entry.file == "main.py"
    (entry,) = judged(tmp_path).fixed
    assert entry.file == "services/orders/main.py"


def test_each_backend_of_a_tree_can_have_its_own(tmp_path: Path) -> None:
    for name in ("billing", "orders"):
        plant(
            tmp_path,
            {
                f"{name}/main.py": HEAD + OPEN.format("create"),
                f"{name}/pyproject.toml": f"[project]\nname='{name}'\n",
            },
        )
        assert gate_here("baseline", "write", name, cwd=tmp_path).returncode == 0
    assert sorted(path.parent.name for path in tmp_path.rglob(NAME)) == ["billing", "orders"]
    assert judged(tmp_path).findings == ()
    with (tmp_path / "orders/main.py").open("a") as stream:
        stream.write(OPEN.format("change"))
    verdict = judged(tmp_path)
    assert {finding.place.file for finding in verdict.findings} == {"orders/main.py"}
    _, several = check([tmp_path / "billing", tmp_path / "orders"], Overrides(select=RULES), jobs=1)
    assert several.findings == verdict.findings
    assert gate_here("baseline", "write", "--allow-growth", cwd=tmp_path).returncode == 0
    assert judged(tmp_path).findings == ()
    assert not (tmp_path / NAME).exists()


def test_one_for_several_backends_keeps_what_a_run_does_not_judge(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for name in ("billing", "orders"):
        plant(
            tmp_path,
            {
                f"{name}/main.py": HEAD + OPEN.format("create"),
                f"{name}/pyproject.toml": f"[project]\nname='{name}'\n",
            },
        )
    write(tmp_path)
    before = (tmp_path / NAME).read_text()
    edit(tmp_path, "data: dict", "data: int", "orders/main.py")
    assert gate_here("baseline", "prune", "billing", cwd=tmp_path).returncode == 0
    assert (tmp_path / NAME).read_text() == before
    assert gate_here("baseline", "prune", "orders", cwd=tmp_path).returncode == 0
    assert len((tmp_path / NAME).read_text().splitlines()) == len(before.splitlines()) - 1


def test_the_place_can_be_configured_and_chosen(shop: Path) -> None:
    (shop / NAME).rename(shop / "known.toml")
    assert len(judged(shop).findings) == 6
    (shop / "backend-gate.toml").write_text(f"select = {json.dumps(RULES)}\nbaseline = 'known.toml'\n")
    assert judged(shop).findings == ()
    (shop / "backend-gate.toml").write_text(f"select = {json.dumps(RULES)}\n")
    assert gate_here("check", "--baseline", "known.toml", cwd=shop).returncode == 0
    assert gate_here("check", cwd=shop).returncode == 1
    missing = gate_here("check", "--baseline", "unknown.toml", cwd=shop)
    assert (missing.returncode, 'there is no baseline "unknown.toml"' in missing.stderr) == (2, True)
    both = gate_here("check", "--baseline", "known.toml", "--no-baseline", cwd=shop)
    assert (both.returncode, "do not go together" in both.stderr) == (2, True)


def test_a_link_leads_no_baseline_out_of_the_project(
    shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "profile"
    (shop / NAME).unlink()
    (shop / NAME).symlink_to(outside)
    done = write(shop)
    assert (done.returncode, "a link leads out of the repository" in done.stderr) == (2, True)
    assert not outside.exists()


# --- the file ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("version = 2\n", 1, "the version of the baseline is 2"),
        ("version = true\n", 1, "the version of the baseline is True"),
        ("findings = []\n", None, "is missing"),
        ("version = 1\nfinding = []\n", 2, '"finding" is no part'),
        ("version = 1\nfindings = 3\n", 2, "has to be a list"),
        ("version = 1\nfindings = [\n  3,\n]\n", 3, "has to be a table"),
        ('version = 1\nfindings = [\n  { file = "a", rule = "b", symbol = "c" },\n]\n', 3, "code is missing"),
        ('version = 1\nfindings = [\n  { file = "", rule = "b", symbol = "c", code = "d" },\n]\n', 3, "file is empty"),
        ('version = 1\nfindings = [\n  { file = "/a", rule = "b", symbol = "", code = "" },\n]\n', 3, "absolute"),
        ('version = 1\nfindings = [\n { file = "a", rule = "b", symbol = "", code = "", count = 0 },\n]\n', 3, "count"),
        ('version = 1\nfindings = [\n { file = "a", rule = "b", symbol = "", code = "", line = 1 },\n]\n', 3, '"line"'),
        ("version = 1\nfindings = [\n<<<<<<< ours\n]\n", 3, "not valid TOML"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_an_error_with_its_line(
    shop: Path, text: str, line: int | None, message: str
) -> None:
    (shop / NAME).write_text(text)
    with pytest.raises(BaselineError) as caught:
        judged(shop)
    assert message in caught.value.message
    assert caught.value.line == line
    assert caught.value.hint
    done = gate_here("check", cwd=shop)
    assert (done.returncode, f"{NAME}" in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_branches_merge(tmp_path: Path) -> None:
    entries = [BaselineEntry(f"{name}.py", "rule", "f", "x", 2) for name in "abcdef"]
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "config", "user.email", "a@b.c")
    git(tmp_path, "config", "user.name", "a")

    def commit(kept: list[BaselineEntry]) -> None:
        (tmp_path / NAME).write_text(render_baseline(kept))
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", "x")

    commit(entries)
    git(tmp_path, "checkout", "-q", "-b", "other")
    commit([*entries[:5]])
    git(tmp_path, "checkout", "-q", "main")
    commit([*entries[:1], BaselineEntry("b.py", "rule", "f", "x"), *entries[3:]])
    git(tmp_path, "merge", "-q", "other")
    assert [(entry.file, entry.count) for entry in read_baseline(tmp_path / NAME)] == [
        ("a.py", 2), ("b.py", 1), ("d.py", 2), ("e.py", 2),
    ]  # fmt: skip


def test_both_sides_of_a_conflict_may_stay(tmp_path: Path) -> None:
    entry = BaselineEntry("a.py", "rule", "f", "x", 3)
    text = render_baseline([entry, BaselineEntry("a.py", "rule", "f", "x", 2)])
    (tmp_path / NAME).write_text(text)
    assert [each.count for each in read_baseline(tmp_path / NAME)] == [2]


_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\x00"), min_size=1, max_size=8)
_entries = st.builds(BaselineEntry, _names, _names, _texts, _texts, st.integers(1, 5))


@given(st.lists(_entries, max_size=6, unique_by=lambda e: (e.file, e.rule, e.symbol, e.code)))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, entries: list[BaselineEntry]
) -> None:
    file = tmp_path_factory.mktemp("baseline") / NAME
    text = render_baseline(entries)
    file.write_text(text, encoding="utf-8", newline="")
    assert read_baseline(file) == tuple(sorted(entries))
    assert render_baseline(read_baseline(file)) == text
    assert len(text.split("\n")) == 6 + len(entries)


# --- laws of matching ----------------------------------------------------------------------------

_prints = st.builds(
    Fingerprint,
    st.sampled_from("ab"),
    st.sampled_from("xy"),
    st.sampled_from(["f", "g"]),
    st.sampled_from("12"),
)
_counts = st.dictionaries(_prints, st.integers(1, 3), max_size=6)


@given(_counts, st.lists(_prints, max_size=10), st.sets(st.sampled_from("ab")))
def test_matching_never_covers_more_than_it_knows(
    known: dict[Fingerprint, int], prints: list[Fingerprint], gone: set[str]
) -> None:
    findings = {
        Finding(each.rule, "m", Place(each.file, Span(number + 1, 1, number + 1, 2)), Severity.ERROR): each
        for number, each in enumerate(prints)
        if each.file not in gone
    }
    done = match(known, findings, lambda file, symbol: file in gone)
    assert Counter([*done.known, *done.new]) == Counter(list(findings))
    assert sum(known.values()) == len(done.known) + sum(done.unmet.values())
    assert Counter(findings[finding] for finding in done.known) == done.met
    for finding in done.new:
        assert done.unmet[findings[finding]] == 0
    again = match(done.met, findings, lambda file, symbol: file in gone)
    assert (again.known, again.new, again.unmet) == (done.known, done.new, Counter())


@given(_counts, st.randoms(use_true_random=False))
def test_the_order_of_findings_does_not_matter(known: dict[Fingerprint, int], random: object) -> None:
    findings = [
        (Finding(each.rule, "m", Place(each.file, Span(number, 1, number, 2)), Severity.ERROR), each)
        for number, each in enumerate([*known, *known], 1)
    ]
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert match(known, dict(findings), lambda *_: False) == match(known, dict(shuffled), lambda *_: False)
