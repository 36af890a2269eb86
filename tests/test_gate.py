"""The use case, with a linker that says what the test needs."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from pathlib import Path

import backend_builders as build
import pytest

from backend_gate import gate
from backend_gate.backend.model import Backend, Body, Step, Unresolved, Verdict
from backend_gate.backend.vocabulary import Vocabulary
from backend_gate.discover import Unit
from backend_gate.errors import GateError, RuleFileError, SettingsError
from backend_gate.facts.pool import read_files
from backend_gate.gate import Overrides, check, inventory
from backend_gate.rules.model import Severity
from backend_gate.settle.judging import open_questions
from backend_gate.settle.relocate import relocate
from backend_gate.settle.verdict import Outcome

APPLICATION = "from fastapi import FastAPI\n\napp = FastAPI()\n"
Link = Callable[[Unit, Mapping[str, bytes], Vocabulary], Backend]


@pytest.fixture
def linker(monkeypatch: pytest.MonkeyPatch) -> Callable[[Link], None]:
    """Puts another linker in place."""
    return lambda link: monkeypatch.setattr(gate, "link", link)


def tree(root: Path, *services: str) -> Path:
    """A project a service, each with an application."""
    for service in services:
        package = root / service / service
        package.mkdir(parents=True)
        (root / service / "pyproject.toml").write_text(f"[project]\nname = '{service}'\n")
        (package / "__init__.py").touch()
        (package / "main.py").write_text(APPLICATION)
    return root


def backend(**parts: object) -> Backend:
    """One protected endpoint, and ``parts``."""
    fields = {"applications": ["app.main.app"], "endpoints": [build.endpoint()], **parts}
    return Backend(**fields)  # type: ignore[arg-type]


def test_a_backend_whose_linking_crashes_is_named_and_the_others_are_judged(
    tmp_path: Path, linker: Callable[[Link], None]
) -> None:
    def link(
        unit: Unit, facts: Mapping[str, bytes], vocabulary: Vocabulary, *_: object, **__: object
    ) -> Backend:
        if unit.name.startswith("billing"):
            raise RuntimeError("out of order")
        return backend(endpoints=[build.endpoint(verdict=Verdict.UNPROTECTED)])

    linker(link)
    root, verdict = check([tree(tmp_path, "billing", "orders")])
    assert root == tmp_path
    assert verdict.outcome is Outcome.NOT_JUDGED
    (problem,) = verdict.problems
    assert problem.kind == "linker-crashed"
    assert problem.subject.startswith("billing")
    assert "RuntimeError: out of order" in problem.detail
    assert [finding.rule for finding in verdict.findings] == ["endpoint-without-auth"]
    assert [backend.path.split("/")[0] for backend in verdict.backends] == ["billing", "orders"]


def test_an_error_of_the_rules_is_no_crash(tmp_path: Path, linker: Callable[[Link], None]) -> None:
    def link(
        unit: Unit, facts: Mapping[str, bytes], vocabulary: Vocabulary, *_: object, **__: object
    ) -> Backend:
        raise RuleFileError("is wrong", "Mend it.", file="x.yaml")

    linker(link)
    with pytest.raises(RuleFileError):
        check([tree(tmp_path, "orders")])


def test_severity_and_strictness_decide(tmp_path: Path, linker: Callable[[Link], None]) -> None:
    note = build.endpoint(bodies=[build.body("json-value", "pydantic.JsonValue")])
    linker(lambda unit, facts, vocabulary, *_, **__: backend(endpoints=[note]))
    folder = tree(tmp_path, "orders")
    for level, outcome in (("error", "passes"), ("warning", "passes"), ("info", "fails")):
        _, verdict = check([folder], Overrides(fail_on=level))  # type: ignore[arg-type]
        assert [finding.severity for finding in verdict.findings] == [Severity.INFO]
        assert verdict.outcome.value == outcome
    unresolved = Unresolved(build.place(3), "prefix comes from a database")
    linker(lambda unit, facts, vocabulary, *_, **__: backend(unresolved=[unresolved]))
    assert check([folder])[1].outcome is Outcome.PASSES
    assert check([folder], Overrides(strict=True))[1].outcome is Outcome.FAILS


def test_the_configuration_counts_unless_the_command_line_says_otherwise(
    tmp_path: Path, linker: Callable[[Link], None]
) -> None:
    note = build.endpoint(bodies=[build.body("json-value", "pydantic.JsonValue")])
    linker(lambda unit, facts, vocabulary, *_, **__: backend(endpoints=[note]))
    folder = tree(tmp_path, "orders", "billing")
    (folder / "orders" / "pyproject.toml").write_text(
        "[tool.backend-gate]\nfail-on = 'info'\nstrict = true\n"
    )
    _, verdict = check([folder])
    assert {backend.path.split("/")[0]: backend.outcome for backend in verdict.backends} == {
        "billing": Outcome.PASSES,
        "orders": Outcome.FAILS,
    }
    assert [backend.strict for backend in verdict.backends] == [False, True]
    assert check([folder], Overrides(fail_on="error"))[1].outcome is Outcome.PASSES
    (folder / "orders" / "pyproject.toml").write_text("[tool.backend-gate]\nignore = ['input']\n")
    _, verdict = check([folder / "orders"], Overrides(ignore=("BG101",)))
    assert verdict.findings == ()
    assert {"endpoint-without-auth", "untyped-request-body"}.isdisjoint(verdict.rules)
    assert "sql-built-from-values" in verdict.rules


def test_wrong_names_and_wrong_configuration_are_errors(tmp_path: Path) -> None:
    folder = tree(tmp_path, "orders")
    with pytest.raises(GateError, match="no rule"):
        check([folder], Overrides(select=("nothing",)))
    (folder / "backend-gate.toml").write_text("strict = 1\n")
    with pytest.raises(SettingsError):
        check([folder])
    (folder / "backend-gate.toml").write_text("ignore = [\n  'input',\n  'BG1011',\n]\n")
    with pytest.raises(SettingsError, match='ignore: there is no rule "bg1011"') as caught:
        check([folder])
    assert (caught.value.file, caught.value.line) == (str(folder / "backend-gate.toml"), 3)
    assert "BG" in caught.value.hint


def test_open_questions_name_what_they_are_about() -> None:
    unclear = Body(
        "data", "?", "unresolved", "parameter", build.place(11, 5), reason="a type made at run time"
    )
    found = list(
        open_questions(
            Backend(
                endpoints=[
                    build.endpoint("/a", verdict=Verdict.UNRESOLVED, reason="a guard cannot be followed"),
                    build.endpoint("/b", bodies=[unclear, build.body("typed", "app.User")]),
                ],
                unresolved=[Unresolved(build.place(3), "prefix comes from a database")],
            )
        )
    )
    assert [(each.question, each.subject, each.reason) for each in found] == [
        ("access", "POST /a", "a guard cannot be followed"),
        ("body", "POST /b data", "a type made at run time"),
        ("wiring", "", "prefix comes from a database"),
    ]


def test_files_move_below_the_common_folder(tmp_path: Path, linker: Callable[[Link], None]) -> None:
    steps = [Step(build.place(2), "the router has no dependencies")]
    bare = build.endpoint(verdict=Verdict.UNPROTECTED, steps=steps)
    linker(lambda unit, facts, vocabulary, *_, **__: backend(endpoints=[bare]))
    tree(tmp_path, "orders", "billing", "left_out")
    root, verdict = check([tmp_path / "orders", tmp_path / "billing", tmp_path / "orders" / "orders"])
    assert root == tmp_path
    files = ["billing/app/main.py", "orders/app/main.py"]
    assert [finding.place.file for finding in verdict.findings] == files
    assert {step.place.file for finding in verdict.findings for step in finding.evidence} == set(files)
    (fastapi,) = verdict.frameworks
    assert [item.file for item in fastapi.evidence] == ["billing/billing/main.py", "orders/orders/main.py"]


def test_relocating_nowhere_changes_nothing() -> None:
    endpoint = build.endpoint()
    assert relocate(endpoint, "") is endpoint
    moved = relocate([endpoint], "a/")
    assert moved[0].place.file == "a/app/main.py"
    assert moved[0].registration.file == "a/app/main.py"
    assert endpoint.place.file == "app/main.py"


def test_progress_is_told(tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    check([tree(tmp_path, "orders", "billing")], progress=lambda *event: heard.append(event))
    assert ("Reading files", 4, 4) in heard
    assert ("Linking backends", 1, 2) in heard
    assert all(0 <= done <= total for _, done, total in heard)


def test_the_inventory_is_sorted_and_keeps_the_order_of_registration(
    tmp_path: Path, linker: Callable[[Link], None]
) -> None:
    endpoints = [
        build.endpoint("/b", ("GET",), handler="first"),
        build.endpoint("/b", ("GET",), handler="a_second"),
        build.endpoint("/a", ("POST",)),
        build.endpoint("/a", ("GET",)),
    ]
    unresolved = [Unresolved(build.place(line), "why") for line in (9, 3)]
    linker(lambda unit, facts, vocabulary, *_, **__: backend(endpoints=endpoints, unresolved=unresolved))
    found = inventory(tree(tmp_path, "orders"))
    assert [(each.path, each.methods[0], each.handler) for each in found.endpoints] == [
        ("/a", "GET", "app.main.create_user"),
        ("/a", "POST", "app.main.create_user"),
        ("/b", "GET", "first"),
        ("/b", "GET", "a_second"),
    ]
    assert [item.place.span.line for item in found.unresolved] == [3, 9]
    assert found.problems == []


def test_only_what_can_wire_a_backend_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linker: Callable[[Link], None]
) -> None:
    linker(lambda unit, facts, vocabulary, *_, **__: backend())
    folder = tree(tmp_path, "orders")
    (folder / "orders" / "tests").mkdir()
    (folder / "orders" / "tests" / "test_main.py").write_text("def test_nothing(: pass\n")
    read: list[str] = []

    def remember(root: Path, paths: list[str], **options: object) -> dict[str, bytes]:
        read.extend(paths)
        return read_files(root, paths)

    monkeypatch.setattr(gate, "read_files", remember)
    _, verdict = check([folder])
    assert read == ["orders/orders/__init__.py", "orders/orders/main.py"]
    assert verdict.problems == ()


def test_an_unreadable_folder_is_a_problem(tmp_path: Path, linker: Callable[[Link], None]) -> None:
    linker(lambda unit, facts, vocabulary, *_, **__: backend())
    folder = tree(tmp_path, "orders")
    deep = folder / "orders" / "orders"
    for _ in range(70):
        deep = deep / "d"
        deep.mkdir()
    _, verdict = check([folder])
    (problem,) = verdict.problems
    assert problem.kind == "unreadable-file"
    assert "nested deeper than" in problem.message
    assert verdict.exit_code == 2


def test_what_is_left_in_memory_is_looked_through_once_much_was_linked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, linker: Callable[[Link], None]
) -> None:
    linker(lambda unit, facts, vocabulary, *_, **__: backend())
    folder = tree(tmp_path, "billing", "orders", "users")
    looked: list[str] = []
    monkeypatch.setattr(gate, "_leftovers", gate._Leftovers())
    monkeypatch.setattr(gc, "unfreeze", lambda: looked.append("unfreeze"))
    check([folder])
    assert looked == []
    monkeypatch.setattr(gate, "_THAW_AFTER", 6)  # two of these backends
    check([folder])
    assert looked == ["unfreeze"] * 2
