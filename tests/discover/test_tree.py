"""discover(): whole trees."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from trees import git, plant

from backend_gate.discover import ModuleIndex, ProjectTree, Zone, discover, project_root
from backend_gate.errors import DiscoveryError, SettingsError
from backend_gate.settings import Settings, load_settings


def tree_of(root: Path) -> ProjectTree:
    return discover(root, load_settings(root))


def modules(tree: ProjectTree) -> dict[str, dict[str, str]]:
    return {unit.name: unit.modules.by_name for unit in tree.units}


APP = {
    "backend/pyproject.toml": '[project]\nname = "app"\ndependencies = ["fastapi"]\n',
    "backend/app/__init__.py": "",
    "backend/app/main.py": "from fastapi import FastAPI\nfrom app.api import router\n",
    "backend/app/api/router.py": "from fastapi import APIRouter\n",
    "backend/tests/test_x.py": "import pytest\n",
}


def test_a_project(tmp_path: Path) -> None:
    tree = tree_of(plant(tmp_path, {**APP, "scripts/release.py": "", "backend/.venv/pyvenv.cfg": ""}))

    (unit,) = tree.units
    assert (tree.root, unit.name) == (tmp_path, "backend")
    assert [(file.path, file.zone, file.module, file.import_root) for file in unit.files] == [
        ("backend/app/__init__.py", Zone.PRODUCTION, "app", "backend"),
        ("backend/app/api/router.py", Zone.PRODUCTION, "app.api.router", "backend"),
        ("backend/app/main.py", Zone.PRODUCTION, "app.main", "backend"),
        ("backend/tests/test_x.py", Zone.TESTS, "tests.test_x", "backend"),
        ("scripts/release.py", Zone.SCRIPTS, "scripts.release", ""),
    ]
    assert [file.path for file in unit.in_zone(Zone.TESTS)] == ["backend/tests/test_x.py"]
    assert unit.modules.is_package("app")
    assert not unit.modules.is_namespace("app")
    assert unit.modules.is_namespace("app.api")
    assert not unit.modules.is_package("app.main")
    assert unit.modules.name_of("backend/app/main.py") == "app.main"
    assert "app.api" in unit.modules
    assert "fastapi" not in unit.modules
    assert tree.files == unit.files


def test_nothing_to_judge_is_no_unit(tmp_path: Path) -> None:
    tree = tree_of(plant(tmp_path, ["README.md", "frontend/index.ts"]))

    assert (tree.units, tree.files) == ((), ())


def test_an_unpacked_wheel(tmp_path: Path) -> None:
    plant(tmp_path, {"shop/__init__.py": "", "shop/x.py": "import shop", "shop-1.0.dist-info/METADATA": ""})
    plant(tmp_path, {"shop-1.0.data/scripts/run.py": ""})

    assert modules(tree_of(tmp_path)) == {".": {"shop": "shop/__init__.py", "shop.x": "shop/x.py"}}


def test_no_file_hides_a_library(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "requirements.txt": "corplib>=1\n",
            "main.py": "import corplib\nfrom fastapi import FastAPI\nimport helpers\n",
            "helpers.py": "",
            "corplib.py": "",
            "service/fastapi.py": "import run",
            "service/run.py": "import other\n",
            "service/other.py": "",
            "flask/app.py": "from flask import Flask\n",
        },
    )

    (unit,) = tree_of(tmp_path).units

    tops = {name.partition(".")[0] for name in unit.modules.by_name}
    assert tops.isdisjoint({"fastapi", "corplib", "flask"})
    assert unit.modules.name_of("service/fastapi.py") == "service.fastapi"
    assert unit.modules.name_of("service/run.py") == "run"
    assert unit.modules.name_of("corplib.py") is None


def test_a_library_may_be_judged_itself(tmp_path: Path) -> None:
    plant(tmp_path, {"pyproject.toml": '[project]\nname = "starlette"\n', "starlette/__init__.py": ""})

    assert modules(tree_of(tmp_path)) == {".": {"starlette": "starlette/__init__.py"}}


def test_services_of_a_monorepo_stay_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        plant(
            tmp_path / name,
            {
                "pyproject.toml": f'[project]\nname = "{name}"\ndependencies = ["common"]\n',
                "app/__init__.py": "",
                "app/main.py": "from app import db\nfrom common.auth import user\n",
                "app/db.py": "",
                "tests/conftest.py": "",
            },
        )
    plant(
        tmp_path / "libs" / "common",
        {"pyproject.toml": '[project]\nname = "common"\n', "src/common/auth.py": ""},
    )

    tree = tree_of(tmp_path)

    assert [unit.name for unit in tree.units] == ["a", "b", "libs/common"]
    assert modules(tree)["a"]["app.main"] == "a/app/main.py"
    assert modules(tree)["b"]["app.main"] == "b/app/main.py"
    assert modules(tree)["b"]["common.auth"] == "libs/common/src/common/auth.py"
    assert [file.path for file in tree.units[0].references] == ["libs/common/src/common/auth.py"]
    assert len(tree.files) == len(set(tree.files)) == 9


def test_each_unit_has_the_nearest_configuration(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "backend-gate.toml": 'fail-on = "info"\n',
            "a/pyproject.toml": "[tool.backend-gate]\nstrict = true\nexclude = ['app/old.py']\n",
            "a/app/main.py": "",
            "a/app/old.py": "",
            "b/pyproject.toml": "",
            "b/app/main.py": "",
        },
    )

    first, second = tree_of(tmp_path).units

    assert (first.name, first.settings.strict, first.settings.fail_on) == ("a", True, "error")
    assert (second.name, second.settings.strict, second.settings.fail_on) == ("b", False, "info")
    assert [file.path for file in first.files] == ["a/app/main.py"]


def test_a_configuration_inside_a_package_is_an_error(tmp_path: Path) -> None:
    plant(tmp_path, {"app/__init__.py": "", "app/api/backend-gate.toml": ""})

    with pytest.raises(SettingsError, match="inside a package"):
        tree_of(tmp_path)


def test_project_files_of_test_data_say_nothing(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {"app/main.py": "", "tests/data/x/backend-gate.toml": "wrong = 1\n", "tests/data/x/main.py": ""},
    )

    assert [unit.name for unit in tree_of(tmp_path).units] == ["."]


def test_excluded_and_vendored_files_can_be_imported_but_are_not_judged(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "pyproject.toml": "[tool.backend-gate]\nexclude = ['app/legacy/', '*_old.py']\n",
            "app/__init__.py": "",
            "app/main.py": "",
            "app/x_old.py": "",
            "app/legacy/auth.py": "",
            "app/_vendor/__init__.py": "",
            "app/_vendor/routing.py": "",
        },
    )

    (unit,) = tree_of(tmp_path).units

    assert [file.path for file in unit.files] == ["app/__init__.py", "app/main.py"]
    assert {file.path: file.zone for file in unit.references} == {
        "app/_vendor/__init__.py": Zone.VENDORED,
        "app/_vendor/routing.py": Zone.VENDORED,
        "app/legacy/auth.py": Zone.PRODUCTION,
        "app/x_old.py": Zone.PRODUCTION,
    }
    assert unit.modules.by_name["app.legacy.auth"] == "app/legacy/auth.py"
    assert unit.modules.by_name["app._vendor.routing"] == "app/_vendor/routing.py"


def test_include_and_the_folder_of_the_configuration(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            "pyproject.toml": "[tool.backend-gate]\ninclude = ['/service/app/']\nexclude = ['/*/app/x.py']\n",
            "service/app/main.py": "",
            "service/app/x.py": "",
            "service/other.py": "",
        },
    )

    for root, prefix in ((tmp_path, "service/"), (tmp_path / "service", "")):
        assert [file.path for file in tree_of(root).files] == [f"{prefix}app/main.py"]


def test_configured_roots(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {"backend-gate.toml": 'roots = ["lib/python"]\n', "lib/python/shop/x.py": "", "lib/y.py": ""},
    )

    assert modules(tree_of(tmp_path))["."]["shop.x"] == "lib/python/shop/x.py"


def test_a_folder_inside_a_package_keeps_its_names(tmp_path: Path) -> None:
    plant(tmp_path, ["app/__init__.py", "app/api/__init__.py", "app/api/v1/x.py"])

    (unit,) = tree_of(tmp_path / "app" / "api").units

    assert unit.modules.by_name == {"app.api": "__init__.py", "app.api.v1.x": "v1/x.py"}
    assert unit.files[0].import_root == "../.."


def test_but_the_name_of_a_checkout_is_no_package(tmp_path: Path) -> None:
    git(plant(tmp_path / "shop-main", ["__init__.py", "main.py"]), "init", "-q")

    assert modules(tree_of(tmp_path / "shop-main")) == {".": {"main": "main.py"}}


def test_a_link_inside_the_tree_gives_a_second_name(tmp_path: Path) -> None:
    for name in ("a", "b"):
        plant(
            tmp_path / name,
            {"pyproject.toml": "", "app/__init__.py": "", "app/main.py": "from app.common import x"},
        )
        (tmp_path / name / "app" / "common").symlink_to("../../shared")
    plant(tmp_path, ["shared/__init__.py", "shared/auth.py"])

    tree = tree_of(tmp_path)

    assert modules(tree)["a"]["app.common.auth"] == "shared/auth.py"
    assert modules(tree)["b"]["app.common.auth"] == "shared/auth.py"
    assert [file.path for file in tree.files if "shared" in file.path] == [
        "shared/__init__.py",
        "shared/auth.py",
    ]


def test_a_package_wins_over_a_module_and_production_over_the_rest(tmp_path: Path) -> None:
    plant(tmp_path, ["app/__init__.py", "app/x.py", "app/x/__init__.py"])

    (unit,) = tree_of(tmp_path).units

    assert unit.modules.by_name["app.x"] == "app/x/__init__.py"
    assert unit.modules.name_of("app/x.py") == "app.x"


def test_links_that_multiply_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend_gate.discover.tree.MAX_FILES", 5)
    plant(tmp_path, [f"big/{name}.py" for name in "abc"])
    for name in ("one", "two"):
        (tmp_path / name).symlink_to("big")

    with pytest.raises(DiscoveryError, match="multiply"):
        tree_of(tmp_path)


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, {"app/main.py": "", "app/closed.py": ""})
    real = os.open

    def refuse(path: str, flags: int) -> int:
        if path.endswith("closed.py"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags)

    monkeypatch.setattr(os, "open", refuse)

    tree = tree_of(tmp_path)

    assert [each.path for each in tree.unreadable] == ["app/closed.py"]
    assert [file.path for file in tree.files] == ["app/closed.py", "app/main.py"]


def test_a_second_run_gives_the_same(tmp_path: Path) -> None:
    plant(tmp_path, APP)
    first, second = tree_of(tmp_path), tree_of(tmp_path)

    assert msgspec.json.encode([first.files, first.skipped]) == msgspec.json.encode(
        [second.files, second.skipped]
    )


@pytest.mark.parametrize(
    ("files", "path", "root"),
    [
        (APP, "backend/app/api/router.py", "backend"),
        (APP, "backend/app/api", "backend"),
        (APP, "backend", "backend"),
        (APP, ".", "."),
        (
            dict.fromkeys(["s/app/__init__.py", "s/app/x/__init__.py", "s/app/x/y.py"], ""),
            "s/app/x/y.py",
            "s",
        ),
        ({".git/HEAD": "", "a/b/x.py": ""}, "a/b/x.py", "."),
        ({"a/b/x.py": ""}, "a/b", "a/b"),
        ({"pyproject.toml": "", "app/__init__.py": "", "app/setup.py": ""}, "app", "."),
    ],
)
def test_project_root(tmp_path: Path, files: dict[str, str], path: str, root: str) -> None:
    plant(tmp_path / "r", files)

    assert project_root(tmp_path / "r" / path) == (tmp_path / "r" / root).resolve()


def test_project_root_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(DiscoveryError, match="there is no"):
        project_root(tmp_path / "nowhere")


def test_settings_without_a_file_are_relative_to_the_root(tmp_path: Path) -> None:
    plant(tmp_path, ["app/main.py", "app/x.py"])

    assert [file.path for file in discover(tmp_path, Settings(exclude=("/app/x.py",))).files] == [
        "app/main.py"
    ]


def test_module_index() -> None:
    index = ModuleIndex({"a.b.c": "a/b/c.py", "a.x": "a/x/__init__.py", "m": "m.py", "m.n": "m/n.py"})

    assert [name for name in ("a", "a.b", "a.x", "m", "a.b.c", "z") if index.is_package(name)] == [
        "a",
        "a.b",
        "a.x",
    ]
    assert (len(index), "a.b" in index, "z" in index) == (4, True, False)
