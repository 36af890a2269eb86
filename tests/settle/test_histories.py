"""Laws of baseline and comparison, on histories of real commits that hypothesis makes up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import commit, repository

from backend_gate.compare import check_changes
from backend_gate.gate import Overrides, judge
from backend_gate.settle.baseline import NAME, read_baseline, render_baseline, summed
from backend_gate.settle.known import combined

RULE = Overrides(select=("untyped-request-body",))


class Shop:
    """A backend of two modules as a model: which function is where, and whether its body is untyped."""

    def __init__(self) -> None:
        self.functions = {"one": ("users", True), "two": ("users", False), "three": ("orders", True)}
        self.files = {"users": "users", "orders": "orders"}
        self.comments = 0
        self.is_wrapped = False
        self._renamed = 0

    def apply(self, edit: tuple[str, str]) -> None:
        """One edit: what is done, and to which function or module."""
        what, name = edit
        module = "orders" if len(name) % 2 else "users"
        match what:
            case "spoil" | "mend":
                self.functions[name] = (self.functions.get(name, (module, False))[0], what == "spoil")
            case "remove":
                self.functions.pop(name, None)
            case "shift":
                self.comments += 2
            case "wrap":
                self.is_wrapped = not self.is_wrapped
            case "rename":
                self._renamed += 1
                self.files[module] = f"{module}{self._renamed}"

    @property
    def faulty(self) -> set[str]:
        """The functions whose body is untyped."""
        return {name for name, (_, is_faulty) in self.functions.items() if is_faulty}

    def sources(self) -> dict[str, str]:
        """All files."""
        names = sorted(self.files.values())
        main = "".join(f"from shop import {name}\n" for name in names) + "from fastapi import FastAPI\n\n"
        main += "app = FastAPI()\n" + "".join(f"app.include_router({name}.router)\n" for name in names)
        files = {"shop/__init__.py": "", "shop/main.py": main}
        for module, file in self.files.items():
            files[f"shop/{file}.py"] = "# line\n" * self.comments + "from fastapi import APIRouter\n\n"
            files[f"shop/{file}.py"] += "router = APIRouter()\n" + "".join(
                self._function(name, is_faulty)
                for name, (where, is_faulty) in sorted(self.functions.items())
                if where == module
            )
        return files

    def _function(self, name: str, is_faulty: bool) -> str:
        parameter = "data: dict" if is_faulty else "data: int"
        inside = f"\n    {parameter},\n" if self.is_wrapped else parameter
        return f'\n\n@router.post("/{name}")\ndef {name}({inside}) -> None:\n    print(data)\n'


def write(root: Path, shop: Shop) -> None:
    """Bring the working tree to the state of the model."""
    for file in (root / "shop").glob("*.py"):
        file.unlink()
    for name, text in shop.sources().items():
        (root / name).write_text(text)


def new_since_head(root: Path) -> set[str]:
    """The functions with a new finding."""
    with check_changes([root], RULE, since="HEAD", jobs=1) as done:
        return {finding.symbol.rpartition(".")[2] for finding in done.verdict.findings}


_edits = st.tuples(
    st.sampled_from(["spoil", "mend", "remove", "shift", "wrap", "rename"]),
    st.sampled_from(["one", "two", "three", "four"]),
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_edits, min_size=1, max_size=4))
def test_only_what_an_edit_spoils_is_new(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str]]
) -> None:
    shop = Shop()
    root = repository(tmp_path_factory.mktemp("history"), shop.sources())
    use = combined(judge([root], RULE, jobs=1).baselines)[0]
    (root / NAME).write_text(render_baseline(summed(use.new)))
    known = set(shop.faulty)
    for edit in edits:
        commit(root, {}, "before")
        before = set(shop.faulty)
        shop.apply(edit)
        write(root, shop)
        (root / NAME).rename(root / "kept")
        assert new_since_head(root) == shop.faulty - before
        (root / "kept").rename(root / NAME)
        judgement = judge([root], RULE, jobs=1)
        found = {finding.symbol.rpartition(".")[2] for finding in judgement.verdict.findings}
        assert found == shop.faulty - known
        assert {entry.symbol for entry in judgement.verdict.fixed} == known - shop.faulty
    use = combined(judgement.baselines)[0]
    (root / NAME).write_text(render_baseline(summed((*use.met, *use.untouched))))
    assert {entry.symbol for entry in read_baseline(root / NAME)} == known & shop.faulty
    after = judge([root], RULE, jobs=1).verdict
    assert (after.findings, after.fixed) == (judgement.verdict.findings, ())
