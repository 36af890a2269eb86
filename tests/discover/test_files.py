"""The walk: what is left out, links, limits, and that git agrees on what is ignored."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from trees import git, plant

from backend_gate.discover import files as files_module
from backend_gate.discover.files import walk
from backend_gate.errors import DiscoveryError


def reasons(root: Path) -> dict[str, str]:
    return {skipped.path: skipped.reason for skipped in walk(root).skipped}


def test_python_files_are_found_and_sorted(tmp_path: Path) -> None:
    plant(tmp_path, ["b.py", "a/c.py", "a/b/d.py", "a/x.pyi", "note.ipynb", "a/data.txt", "run.pyw", "Z.py"])

    assert walk(tmp_path).files == ["Z.py", "a/b/d.py", "a/c.py", "b.py"]


@pytest.mark.parametrize(
    "folder",
    [
        ".git/hooks", ".venv/lib/x", ".tox", ".mypy_cache", "__pycache__", "node_modules/gyp",
        "frontend/node_modules/a", "lib/python3.12/site-packages/fastapi", "shop-1.0.dist-info",
        "shop.egg-info", ".agents/skills",
    ],
)  # fmt: skip
def test_hidden_folders_and_caches_are_left_out(tmp_path: Path, folder: str) -> None:
    plant(tmp_path, ["app/main.py", f"{folder}/x.py"])

    assert walk(tmp_path).files == ["app/main.py"]


def test_virtual_environments_are_known_by_their_content(tmp_path: Path) -> None:
    plant(
        tmp_path,
        [
            "app/main.py",
            "myenv/pyvenv.cfg",
            "myenv/bin/activate_this.py",
            "conda/conda-meta/h",
            "conda/lib/x.py",
        ],
    )

    assert walk(tmp_path).files == ["app/main.py"]
    assert reasons(tmp_path) == {"myenv": "virtual environment", "conda": "virtual environment"}


def test_one_file_does_not_hide_a_folder(tmp_path: Path) -> None:
    plant(tmp_path, ["app/main.py", "app/pyvenv.cfg"])

    assert walk(tmp_path).files == ["app/main.py"]


@pytest.mark.parametrize(
    ("tree", "found"),
    [
        (["setup.py", "build/lib/app/main.py"], ["setup.py"]),
        (["package.json", "dist/tool.py"], []),
        (["build/lib/app/main.py"], []),
        (["app/__init__.py", "app/build/__init__.py", "app/build/routes.py"], None),
        (["app/build/routes.py"], None),
    ],
)
def test_build_results_are_told_from_packages_of_that_name(
    tmp_path: Path, tree: list[str], found: list[str] | None
) -> None:
    plant(tmp_path, tree)

    assert walk(tmp_path).files == (sorted(tree) if found is None else found)


@pytest.mark.parametrize(
    ("tree", "vendored"),
    [
        (["app/_vendor/six.py"], ["app/_vendor/six.py"]),
        (["third_party/a/b/c.py"], ["third_party/a/b/c.py"]),
        (["app/vendor/__init__.py", "app/vendor/requests/api.py"], None),
        (["app/vendor/six.py", "app/vendor/LICENSE.six"], ["app/vendor/six.py"]),
        (["app/vendor/__init__.py", "app/vendor/routes.py"], []),
    ],
)
def test_vendored_code_is_told_from_suppliers(
    tmp_path: Path, tree: list[str], vendored: list[str] | None
) -> None:
    plant(tmp_path, tree)

    assert walk(tmp_path).vendored == (tree if vendored is None else vendored)


# --- links, limits, what cannot be read ----------------------------------------------------------


def test_links_are_not_followed_and_loops_end(tmp_path: Path) -> None:
    outside = plant(tmp_path / "outside", ["secret.py"])
    root = plant(tmp_path / "root", ["app/main.py", "shared/util.py"])
    (root / "loop").symlink_to(root)
    (root / "app" / "up").symlink_to("..")
    (root / "circle").symlink_to("circle")
    (root / "dangling.py").symlink_to("nowhere.py")
    (root / "out").symlink_to(outside)
    (root / "out.py").symlink_to(outside / "secret.py")
    (root / "app" / "shared").symlink_to("../shared")
    (root / "app" / "util.py").symlink_to("../shared/util.py")

    found = walk(root)

    assert found.files == ["app/main.py", "shared/util.py"]
    assert found.links == [("app/shared", "shared"), ("app/util.py", "shared/util.py")]
    assert reasons(root) == {"out": "link out of the tree", "out.py": "link out of the tree"}
    assert found.unreadable == []


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    plant(tmp_path / "real", ["main.py"])
    (tmp_path / "link").symlink_to("real")

    assert walk(tmp_path / "link").files == ["main.py"]


def test_what_is_no_regular_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()

    assert walk(tmp_path).files == []


def test_very_deep_folders_are_reported_not_entered(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(files_module.MAX_DEPTH + 1):
        deep /= "d"
    plant(deep, ["x.py"])

    found = walk(tmp_path)

    assert found.files == []
    assert [each.message for each in found.unreadable] == ["is nested deeper than 64 folders"]


def test_a_tree_that_is_no_project_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "MAX_FILES", 3)
    plant(tmp_path, ["a.py", "b.py", "c.py", "d.py"])

    with pytest.raises(DiscoveryError, match="more than 3 Python files"):
        walk(tmp_path)


def test_a_missing_or_wrong_root_is_an_error(tmp_path: Path) -> None:
    plant(tmp_path, ["x.py"])
    with pytest.raises(DiscoveryError, match="there is no folder"):
        walk(tmp_path / "nowhere")
    with pytest.raises(DiscoveryError, match="is no folder"):
        walk(tmp_path / "x.py")


def test_an_unreadable_folder_is_named_and_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, ["a/x.py", "closed/y.py"])
    real = os.scandir

    def scandir(path: Path) -> Any:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)

    found = walk(tmp_path)

    assert found.files == ["a/x.py"]
    assert [(each.path, each.message) for each in found.unreadable] == [
        ("closed", "cannot be read: Permission denied")
    ]


def test_a_name_that_is_no_utf8_is_named_readably(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.py")).touch()
    except OSError:
        pytest.skip("the file system refuses such names")

    found = walk(tmp_path)

    assert found.files == []
    assert [each.path for each in found.unreadable] == ["caf\\xe9.py"]


@given(seed=st.integers(0, 2**16))
@settings(max_examples=20)
def test_the_order_of_the_file_system_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    root = tmp_path_factory.getbasetemp() / "order"
    plant(
        root,
        ["a/x.py", "a/y.py", "b/_vendor/z.py", "c/build/x/y.py", "package.json", "m/pyproject.toml", "q.py"],
    )
    plant(
        root,
        {".gitignore": "ignored*\n", "ignored.py": "", "b/ignored2.py": "", "b/.gitignore": "!ignored2.py\n"},
    )

    with _shuffled(seed):
        assert walk(root) == walk(root)
        mixed = walk(root)
    assert mixed == walk(root)


@contextmanager
def _shuffled(seed: int) -> Iterator[None]:
    """``os.scandir`` in another order."""
    real, chance = os.scandir, random.Random(seed)

    @contextmanager
    def scandir(path: Path) -> Iterator[list[os.DirEntry[str]]]:
        with real(path) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
        chance.shuffle(entries)
        yield entries

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        yield


# --- .gitignore ----------------------------------------------------------------------------------


def test_nested_patterns_without_a_repository(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            ".gitignore": "/secret/\n*_local.py\n",
            "secret/x.py": "",
            "app/secret/x.py": "",
            "app/settings_local.py": "",
            "app/.gitignore": "!settings_local.py\ngenerated/\n",
            "app/generated/x.py": "",
            "other_local.py": "",
        },
    )

    assert walk(tmp_path).files == ["app/secret/x.py", "app/settings_local.py"]
    assert reasons(tmp_path)["secret"] == "ignored by git"


def test_what_a_distribution_ships_is_there_on_purpose(tmp_path: Path) -> None:
    plant(tmp_path, {"shop-1.dist-info/RECORD": "", "shop/.gitignore": "*_pb2.py\n", "shop/x_pb2.py": ""})

    assert walk(tmp_path).files == ["shop/x_pb2.py"]


def test_patterns_above_the_root_count_up_to_the_repository(tmp_path: Path) -> None:
    plant(tmp_path, {".gitignore": "*.py\n"})
    repository = plant(tmp_path / "r", {".gitignore": "b.py\n/service/c.py\n", ".git/info/exclude": "d.py\n"})
    plant(repository / "service", ["a.py", "b.py", "c.py", "d.py"])

    assert walk(repository / "service").files == ["a.py"]


def test_a_root_that_is_itself_ignored_is_judged_when_asked_for(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    plant(tmp_path, {".gitignore": "scratch/\n", "scratch/app/main.py": ""})

    assert walk(tmp_path / "scratch").files == ["app/main.py"]


@pytest.mark.parametrize("version", ["2", "4"])
def test_a_tracked_file_is_judged_whatever_a_pattern_says(tmp_path: Path, version: str) -> None:
    plant(tmp_path, {".gitignore": "hidden/\n*_x.py\n"})
    plant(tmp_path, ["hidden/deep/forced.py", "hidden/new.py", "forced_x.py", "new_x.py", "plain.py"])
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "plain.py", "forced_x.py", "hidden/deep/forced.py")
    git(tmp_path, "update-index", "--index-version", version)

    assert walk(tmp_path).files == ["forced_x.py", "hidden/deep/forced.py", "plain.py"]


@pytest.mark.parametrize("version", ["2", "4"])
def test_an_index_in_two_parts(tmp_path: Path, version: str) -> None:
    plant(tmp_path, {".gitignore": "hidden/\n", "hidden/a.py": "", "hidden/b.py": "", "hidden/new.py": ""})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "hidden/a.py")
    git(tmp_path, "update-index", "--index-version", version)
    git(tmp_path, "update-index", "--split-index")
    git(tmp_path, "add", "-f", "hidden/b.py")
    assert list((tmp_path / ".git").glob("sharedindex.*"))

    assert walk(tmp_path).files == ["hidden/a.py", "hidden/b.py"]


def test_tracked_files_count_in_a_linked_work_tree_and_in_a_submodule(tmp_path: Path) -> None:
    plant(tmp_path / "main", {".gitignore": "hidden/\n", "hidden/forced.py": "", "plain.py": ""})
    git(tmp_path / "main", "init", "-q")
    git(tmp_path / "main", "add", "-f", "hidden/forced.py", ".")
    git(tmp_path / "main", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "x")
    git(tmp_path / "main", "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    plant(tmp_path / "whole", {"main.py": ""})
    git(tmp_path / "whole", "init", "-q")
    git(
        tmp_path / "whole",
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        "../main",
        "libs/sub",
    )

    assert walk(tmp_path / "side").files == ["hidden/forced.py", "plain.py"]
    assert walk(tmp_path / "whole" / "libs" / "sub").files == ["hidden/forced.py", "plain.py"]


@pytest.mark.parametrize("text", ["gitdir: ../nowhere\n", "gitdir: .\n", "gitdir: \0\n", "\xff", ""])
def test_a_file_that_names_no_folder_of_git_leaves_the_patterns_alone(tmp_path: Path, text: str) -> None:
    plant(tmp_path, {".gitignore": "a.py\n", "a.py": "", "b.py": "", ".git": text})

    assert walk(tmp_path).files == ["b.py"]


@pytest.mark.parametrize("name", [".git/index", ".git/config", ".git"])
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_no_file_of_git_is_not_waited_for(tmp_path: Path, name: str, kind: str) -> None:
    plant(tmp_path, {".gitignore": "a.py\n", "a.py": "", "b.py": ""})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "a.py")
    odd = tmp_path / name
    shutil.rmtree(odd) if odd.is_dir() else odd.unlink()
    os.mkfifo(odd) if kind == "pipe" else odd.symlink_to("/dev/zero")

    assert walk(tmp_path).files == ["b.py"]


def test_patterns_in_a_pipe_are_not_waited_for_and_named(tmp_path: Path) -> None:
    plant(tmp_path, ["a.py", ".git/info/x"])
    os.mkfifo(tmp_path / ".gitignore")
    os.mkfifo(tmp_path / ".git" / "info" / "exclude")
    found = walk(tmp_path)

    assert found.files == ["a.py"]
    assert [(item.path, item.message) for item in found.unreadable] == [
        (".git/info/exclude", "cannot be read: this is no regular file"),
        (".gitignore", "cannot be read: this is no regular file"),
    ]


@pytest.mark.parametrize("version", ["3", "4"])
def test_an_index_with_extended_flags_and_long_names(tmp_path: Path, version: str) -> None:
    names = [f"{letter * 200}.py" for letter in "npq"]
    plant(
        tmp_path,
        {".gitignore": "hidden/\n", "hidden/later.py": "", **{f"hidden/{name}": "" for name in names}},
    )
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", *(f"hidden/{name}" for name in names[:2]))
    git(tmp_path, "add", "-f", "--intent-to-add", "hidden/later.py")
    git(tmp_path, "update-index", "--index-version", version)

    assert walk(tmp_path).files == ["hidden/later.py", *(f"hidden/{name}" for name in names[:2])]


@pytest.mark.parametrize(
    "index", [b"", b"DIRC", b"DIRC\0\0\0\2\0\0\0\5", b"DIRC\0\0\0\x09\0\0\0\0", b"x" * 500]
)
def test_a_broken_index_leaves_the_patterns_alone(tmp_path: Path, index: bytes) -> None:
    plant(tmp_path, {".gitignore": "a.py\n", "a.py": "", "b.py": "", ".git/config": ""})
    (tmp_path / ".git" / "index").write_bytes(index)

    assert walk(tmp_path).files == ["b.py"]


def test_git_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, {".gitignore": "a.py\n", "a.py": "", "b.py": ""})
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.fsmonitor", f"touch {tmp_path}/ran #")
    monkeypatch.setenv("PATH", "")

    assert walk(tmp_path).files == ["b.py"]
    assert not (tmp_path / "ran").exists()


def test_lines_that_are_no_patterns_are_passed_over_as_git_does(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"\xef\xbb\xbf# bom\n!\n\n   \n//\nb.py\n\xff.py\n")
    plant(tmp_path, ["a.py", "b.py"])

    assert walk(tmp_path).files == ["a.py"]


_NAMES = ["a", "b", "lib"]
_PATHS = [f"{one}/{two}/{file}" for one in _NAMES for two in _NAMES for file in ("x.py", "y.py")]
_PATHS += [f"{one}/{file}" for one in _NAMES for file in ("x.py", "y.py")] + [
    "x.py",
    "y.py",
    "a/b/lib/a/x.py",
]
_PATTERN = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "!", "#", "\\"]),
    st.sampled_from(["", "/", "**/", "a/", "*/"]),
    st.sampled_from(["a", "b", "x.py", "*.py", "[ab]", "lib", "?", "**", "*", "a/**/x.py", "b/*"]),
    st.sampled_from(["", "", "/", " ", "/**"]),
)


_SOUP = st.text("*?[]!^-\\\\/ab.xpy: ", max_size=8)


@given(
    top=st.lists(_PATTERN | _SOUP, max_size=4),
    nested=st.lists(_PATTERN, max_size=3),
    info=st.lists(_PATTERN, max_size=2),
)
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@example(top=["*", "!*/", "!x.py"], nested=["y.py"], info=["lib"])
@example(top=["a/*", "!a/b"], nested=["!lib/"], info=[])
def test_git_agrees_on_what_is_ignored(
    tmp_path_factory: pytest.TempPathFactory, top: list[str], nested: list[str], info: list[str]
) -> None:
    root = tmp_path_factory.getbasetemp() / "agreement"
    if not root.exists():
        plant(root, _PATHS)
        git(root, "init", "-q")
    plant(
        root,
        {
            ".gitignore": "\n".join([*top, ""]),
            "a/.gitignore": "\n".join([*nested, ""]),
            ".git/info/exclude": "\n".join([*info, ""]),
        },
    )

    listed = git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0")

    assert walk(root).files == sorted(path for path in listed if path.endswith(".py"))
