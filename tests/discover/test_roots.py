"""Import roots: under which name a project imports its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.discover.roots import STANDARD_LIBRARY, find_roots, module_name

Tree = Mapping[str, list[str]]


def roots(
    tree: Tree,
    *,
    projects: Sequence[str] = (),
    declared: Sequence[str] = (),
    configured: Sequence[str] = (),
    foreign: Sequence[str] = (),
) -> dict[str, str]:
    """The root of every folder of a tree of files and what they import."""
    return find_roots(
        tree,
        lambda path: tree[path],
        projects=projects,
        declared=declared,
        configured=configured,
        foreign=foreign,
    )


def names(tree: Tree) -> dict[str, str | None]:
    found = roots(tree)
    return {path: module_name(path, found[path.rpartition("/")[0]]) for path in tree}


def test_the_root_is_the_folder_above_the_topmost_init() -> None:
    tree = {
        "backend/app/__init__.py": [],
        "backend/app/api/__init__.py": [],
        "backend/app/api/x.py": ["app.api"],
    }

    assert set(roots(tree).values()) == {"backend"}
    assert names(tree)["backend/app/api/x.py"] == "app.api.x"


def test_a_package_without_any_import_follows_the_rule() -> None:
    assert set(roots({"src/app/__init__.py": [], "src/app/main.py": []}).values()) == {"src"}


def test_a_folder_without_init_inside_a_package_is_part_of_it() -> None:
    tree = {"app/__init__.py": ["app.plugins.x"], "app/plugins/x.py": [], "app/plugins/deep/y.py": []}

    assert names(tree)["app/plugins/deep/y.py"] == "app.plugins.deep.y"


def test_a_file_named_like_the_framework_never_makes_a_root() -> None:
    tree = {
        "app/__init__.py": [],
        "app/integrations/fastapi.py": ["fastapi", "fastapi.FastAPI"],
        "app/integrations/redis.py": ["redis"],
        "app/integrations/cache.py": ["redis", "fastapi"],
        "app/main.py": ["fastapi", "app.integrations.fastapi"],
    }

    assert names(tree)["app/integrations/fastapi.py"] == "app.integrations.fastapi"
    assert set(roots(tree).values()) == {""}


def test_nor_in_a_project_without_any_init() -> None:
    tree = {
        "app/integrations/fastapi.py": ["fastapi"],
        "app/integrations/weirdlib.py": ["weirdlib"],
        "app/integrations/user.py": ["weirdlib", "fastapi"],
        "app/main.py": ["app.integrations.fastapi", "app.integrations.weirdlib", "app.integrations.user"],
    }

    assert set(roots(tree, foreign=["weirdlib"]).values()) == {""}


@pytest.mark.parametrize("foreign", [["weirdlib"], []])
def test_a_library_or_the_file_itself_is_no_evidence_for_a_root(foreign: list[str]) -> None:
    importer = "user" if foreign else "weirdlib"
    tree = {"app/main.py": ["app.core"], "app/core.py": [], "app/integrations/weirdlib.py": []}
    tree[f"app/integrations/{importer}.py"] = ["weirdlib"]

    assert roots(tree, foreign=foreign)["app/integrations"] == ""


def test_one_odd_import_makes_no_root_deep_inside_a_package() -> None:
    tree = {"app/__init__.py": [], "app/plugins/weird.py": [], "app/plugins/user.py": ["weird"]}

    assert set(roots(tree).values()) == {""}


def test_tests_mean_the_service_beside_them() -> None:
    tree = {
        "app/main.py": [],
        "a/src/app/main.py": [],
        "a/tests/test_x.py": ["app.main"],
        "b/lib/x.py": ["app.main"],
    }

    assert roots(tree)["a/src/app"] == "a/src"


def test_namespace_packages_are_named_as_they_are_imported() -> None:
    tree = {
        "backend/app/main.py": ["app.api.routes.users", "app.core"],
        "backend/app/core/config.py": [],
        "backend/app/api/routes/users.py": ["app.core.config"],
        "backend/app/api/routes/unused.py": [],
    }

    assert set(roots(tree).values()) == {"backend"}
    assert names(tree)["backend/app/api/routes/unused.py"] == "app.api.routes.unused"


def test_a_package_below_a_namespace_is_named_in_full() -> None:
    tree = {
        "corp/__nothing__.py": [],
        "corp/shop/__init__.py": [],
        "corp/shop/main.py": ["corp.shop.db", "corp.shop.api"],
        "corp/shop/db.py": [],
    }

    assert names(tree)["corp/shop/db.py"] == "corp.shop.db"


def test_flat_folders_are_their_own_root() -> None:
    tree = {
        "backend/main.py": ["database", "routers.users", "routers"],
        "backend/database.py": [],
        "backend/routers/users.py": ["database"],
        "backend/routers/unused.py": [],
    }

    assert set(roots(tree).values()) == {"backend"}


def test_loose_modules_share_the_root_of_the_package_beside_them() -> None:
    tree = {"backend/main.py": ["app.api"], "backend/app/__init__.py": [], "backend/app/api.py": []}

    assert names(tree)["backend/main.py"] == "main"


def test_a_stray_init_in_the_source_folder_gives_way_to_the_imports() -> None:
    tree = {
        "backend/__init__.py": [],
        "backend/main.py": ["routers.users", "database"],
        "backend/database.py": [],
        "backend/routers/__init__.py": [],
        "backend/routers/users.py": ["database"],
    }

    assert names(tree)["backend/routers/users.py"] == "routers.users"


def test_but_not_where_the_package_imports_itself() -> None:
    tree = {
        "backend/__init__.py": [],
        "backend/main.py": ["backend.routers.users", "database"],
        "backend/database.py": [],
        "backend/routers/__init__.py": [],
        "backend/routers/users.py": ["database"],
    }

    assert names(tree)["backend/routers/users.py"] == "backend.routers.users"


def test_scripts_are_named_from_the_project_unless_they_import_each_other() -> None:
    tree = {
        "app/__init__.py": [],
        "scripts/alone.py": ["app"],
        "tools/one.py": ["helper"],
        "tools/helper.py": [],
    }

    assert names(tree)["scripts/alone.py"] == "scripts.alone"
    assert names(tree)["tools/helper.py"] == "helper"


def test_two_services_keep_their_own_roots() -> None:
    tree = {
        "services/a/app/main.py": ["app.db"],
        "services/a/app/db.py": [],
        "services/b/app/main.py": ["app.db"],
        "services/b/app/db.py": [],
    }

    found = roots(tree)

    assert found["services/a/app"] == "services/a"
    assert found["services/b/app"] == "services/b"


def test_declared_source_folders_and_projects_are_roots() -> None:
    tree: Tree = {"code/app/main.py": [], "service/main.py": []}

    found = roots(tree, declared=["code"], projects=["service"])

    assert found == {"code/app": "code", "service": "service"}


def test_the_user_decides() -> None:
    tree = {"a/b/__init__.py": [], "a/b/c/x.py": ["b.c.x"], "d/y.py": []}

    assert roots(tree, configured=["a/b", ""]) == {"a/b": "a/b", "a/b/c": "a/b", "d": ""}


@pytest.mark.parametrize(
    ("path", "root", "name"),
    [
        ("app/__init__.py", "", "app"),
        ("src/app/x.py", "src", "app.x"),
        ("app/migrations/0001_initial.py", "", "app.migrations.0001_initial"),
        ("gunicorn.conf.py", "", None),
        ("__init__.py", "", None),
        ("my app/x.py", "", None),
    ],
)
def test_names(path: str, root: str, name: str | None) -> None:
    assert module_name(path, root) == name


def test_a_tree_inside_a_package_has_the_packages_around_it_in_its_names() -> None:
    assert find_roots(["__init__.py", "v1/x.py"], lambda _: [], above="../..") == {"": "../..", "v1": "../.."}
    assert module_name("v1/x.py", "../..", ("app", "api")) == "app.api.v1.x"
    assert module_name("__init__.py", "../..", ("app", "api")) == "app.api"


def test_the_standard_library_does_not_depend_on_the_python_that_runs() -> None:
    assert {"logging", "types", "email"} <= STANDARD_LIBRARY
    assert {"distutils", "imp", "compression"}.isdisjoint(STANDARD_LIBRARY)


_FOLDERS = st.lists(st.sampled_from(["a", "b", "src", "app"]), max_size=3).map("/".join)
_FILES = st.builds(
    lambda folder, name: f"{folder}/{name}" if folder else name,
    _FOLDERS,
    st.sampled_from(["__init__.py", "x.py", "y.py", "fastapi.py"]),
)
_IMPORTS = st.lists(
    st.sampled_from(["a", "b", "x", "app.x", "a.b.y", "b.x", "src.app", "fastapi"]), max_size=3
)


@given(st.dictionaries(_FILES, _IMPORTS, min_size=1, max_size=10), st.randoms())
def test_nothing_depends_on_order(tree: dict[str, list[str]], chance: object) -> None:
    shuffle = chance.shuffle  # type: ignore[attr-defined]
    paths = list(tree)
    shuffle(paths)
    mixed = {path: tree[path][::-1] for path in paths}

    assert roots(mixed) == roots(tree)


@given(st.dictionaries(_FILES, _IMPORTS, min_size=1, max_size=10))
def test_every_folder_has_a_root_around_it(tree: dict[str, list[str]]) -> None:
    found = roots(tree)

    assert set(found) == {path.rpartition("/")[0] for path in tree}
    assert all(not root or folder == root or folder.startswith(f"{root}/") for folder, root in found.items())
