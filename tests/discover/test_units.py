"""Which files form one backend."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from backend_gate.discover.model import SourceFile, Zone
from backend_gate.discover.units import Group, group_files


def module(path: str, root: str = "", zone: Zone = Zone.PRODUCTION) -> SourceFile:
    name = path.removeprefix(f"{root}/").removesuffix(".py").replace("/", ".")
    return SourceFile(path, zone, name, root)


def group(
    files: Iterable[SourceFile],
    imports: dict[str, list[str]] | None = None,
    projects: Iterable[str] = (),
    separate: Iterable[str] = (),
) -> tuple[Group, ...]:
    known = imports or {}
    return group_files(files, lambda path: known.get(path, []), projects=projects, separate=separate)


def shape(groups: Iterable[Group]) -> dict[str, tuple[list[str], list[str]]]:
    return {
        each.root: ([file.path for file in each.files], [file.path for file in each.shared])
        for each in groups
    }


def test_a_simple_project_is_one_unit() -> None:
    files = [module("app/main.py"), module("tests/test_x.py", zone=Zone.TESTS), module("manage.py")]

    assert [each.root for each in group(files)] == [""]


def test_independent_projects_are_units() -> None:
    files = [module("a/shop/main.py", "a"), module("b/mail/main.py", "b")]

    assert list(shape(group(files, projects=["a", "b"]))) == ["a", "b"]


def test_projects_that_import_each_other_are_one_unit() -> None:
    files = [module("api/api/main.py", "api"), module("core/core/db.py", "core")]

    found = group(files, {"api/api/main.py": ["core.db"]}, projects=["api", "core"])

    assert shape(found) == {"api": (["api/api/main.py", "core/core/db.py"], [])}


def test_services_with_modules_of_the_same_name_stay_apart_and_share_a_library() -> None:
    files = [
        module("a/app/main.py", "a"),
        module("b/app/main.py", "b"),
        module("libs/common/auth.py", "libs"),
    ]
    imports = {path: ["common.auth", "app.main"] for path in ("a/app/main.py", "b/app/main.py")}

    found = group(files, imports, projects=["a", "b", "libs"])

    assert shape(found) == {
        "a": (["a/app/main.py"], ["libs/common/auth.py"]),
        "b": (["b/app/main.py"], ["libs/common/auth.py"]),
        "libs": (["libs/common/auth.py"], []),
    }


def test_what_is_shared_is_found_through_what_is_shared() -> None:
    files = [
        module("a/app/main.py", "a"),
        module("b/app/main.py", "b"),
        module("x/x/one.py", "x"),
        module("y/y/two.py", "y"),
    ]
    imports = {"a/app/main.py": ["x.one"], "b/app/main.py": ["x.one"], "x/x/one.py": ["y.two"]}

    found = shape(group(files, imports, projects=["a", "b", "x", "y"]))

    assert found["a"][1] == ["x/x/one.py", "y/y/two.py"]


def test_one_project_whose_roots_clash_falls_apart() -> None:
    files = [module("a/main.py", "a"), module("b/main.py", "b"), module("b/db.py", "b")]

    assert shape(group(files)) == {"a": (["a/main.py"], []), "b": (["b/db.py", "b/main.py"], [])}


def test_tests_and_scripts_of_the_same_name_do_not_clash() -> None:
    files = [
        module("a/shop/main.py", "a"),
        module("a/tests/conftest.py", "a", Zone.TESTS),
        module("b/mail/main.py", "b"),
        module("b/tests/conftest.py", "b", Zone.TESTS),
    ]

    found = group(files, {"a/shop/main.py": ["mail.main"]}, projects=["a", "b"])

    assert [each.root for each in found] == ["a"]


def test_a_configuration_of_its_own_keeps_a_project_apart() -> None:
    files = [module("api/api/main.py", "api"), module("core/core/db.py", "core")]

    found = group(files, {"api/api/main.py": ["core.db"]}, projects=["api", "core"], separate=["core"])

    assert shape(found)["api"] == (["api/api/main.py"], ["core/core/db.py"])


def test_scripts_around_the_only_backend_go_with_it() -> None:
    files = [module("backend/app/main.py", "backend"), module("scripts/release.py", zone=Zone.SCRIPTS)]

    assert list(shape(group(files, projects=["backend"]))) == ["backend"]


def test_nobody_imports_the_tests_of_another_project() -> None:
    files = [
        module("a/shop/main.py", "a"),
        module("a/tests/util.py", "a", Zone.TESTS),
        module("b/mail/main.py", "b"),
    ]

    found = group(files, {"b/mail/main.py": ["tests.util"]}, projects=["a", "b"])

    assert [each.root for each in found] == ["a", "b"]


_PROJECTS = ["", "a", "b", "c"]
_MODULES = st.builds(
    lambda project, name, zone: module(f"{project}/{name}.py" if project else f"{name}.py", project, zone),
    st.sampled_from(_PROJECTS),
    st.sampled_from(["app/main", "app/db", "one/x", "two/y", "three/z"]),
    st.sampled_from([Zone.PRODUCTION, Zone.PRODUCTION, Zone.TESTS, Zone.SCRIPTS]),
)
_FILES = st.lists(_MODULES, min_size=1, max_size=8, unique_by=lambda file: file.path)
_NAMES = st.lists(st.sampled_from(["app.main", "app.db", "one.x", "two.y", "three.z"]), max_size=3)


@given(files=_FILES, data=st.data())
def test_laws(files: list[SourceFile], data: st.DataObject) -> None:
    imports = {file.path: data.draw(_NAMES) for file in files}
    separate = data.draw(st.sets(st.sampled_from(["a", "b"])))
    found = group(files, imports, _PROJECTS, separate)

    # Every file is in one unit, no unit holds a name twice, and every root is unique.
    assert sorted(file.path for each in found for file in each.files) == sorted(file.path for file in files)
    assert len({each.root for each in found}) == len(found)
    for each in found:
        counted = [file.module for file in each.files if file.zone is Zone.PRODUCTION]
        assert len(counted) == len(set(counted))
    # Order means nothing.
    mixed = data.draw(st.permutations(files))
    assert group(mixed, imports, _PROJECTS[::-1], separate) == found
