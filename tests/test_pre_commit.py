"""The hook in the hands of the real pre-commit and the real git."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hooks import developer, hook_source, run
from repositories import MAIN, OLD_FAULT, SOUND, commit, repository, router
from running import TYPED, gate
from trees import git, plant

NEW = '\n\n@router.put("/all")\ndef replace_orders(data: dict) -> None:\n    print(data)\n'


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a developer, with a store of pre-commit's own."""
    return developer(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def hook(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A repository that offers the hook as this one does, and its commit."""
    return hook_source(tmp_path_factory.mktemp("hook"))


@pytest.fixture(scope="module")
def installed(
    tmp_path_factory: pytest.TempPathFactory, hook: tuple[Path, str], environment: dict[str, str]
) -> Path:
    """A backend with one old fault, whose repository has the hook installed."""
    source, revision = hook
    config = f"repos:\n  - repo: {source}\n    rev: {revision}\n    hooks:\n      - id: backend-gate\n"
    files = {**SOUND, "shop/users.py": router("user") + OLD_FAULT, ".pre-commit-config.yaml": config}
    root = repository(tmp_path_factory.mktemp("installed"), files)
    done = run(["pre-commit", "install"], root, environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture
def shop(tmp_path: Path, installed: Path) -> Path:
    """A copy of that backend and its repository."""
    return shutil.copytree(installed, tmp_path / "shop")


def try_commit(root: Path, environment: dict[str, str], *arguments: str) -> tuple[bool, str]:
    """Whether a commit came about, and what was said."""
    before = git(root, "rev-parse", "HEAD")
    done = run(["git", "commit", "-m", "Work", *arguments], root, environment)
    made = git(root, "rev-parse", "HEAD") != before
    assert made == (done.returncode == 0)
    return made, done.stdout + done.stderr


def test_a_sound_change_passes_although_an_old_fault_is_there(
    shop: Path, environment: dict[str, str]
) -> None:
    plant(shop, {"shop/orders.py": router("order") + "\n\nLIMIT = 10\n"})
    git(shop, "add", "-A")
    made, said = try_commit(shop, environment)
    assert made, said
    assert "backend-gate" in said
    assert "Passed" in said


def test_a_new_fault_is_blocked_explained_and_says_what_to_do(
    shop: Path, environment: dict[str, str]
) -> None:
    plant(shop, {"shop/orders.py": router("order") + NEW})
    git(shop, "add", "-A")
    made, said = try_commit(shop, environment)
    assert not made
    assert "shop/orders.py:17:20: BG201 untyped-request-body `PUT /orders/all` takes the body" in said
    assert "Fails: 1 new error in 1 file." in said
    assert "1 finding not counted: 1 already in HEAD (" in said
    assert "`backend-gate explain BG201` says why it matters and how to mend it;" in said
    assert "`# gate: ignore[untyped-request-body] reason` on the line." in said
    assert "import_users" not in said
    assert "Traceback" not in said
    assert "-- hook id" not in said
    plant(
        shop, {"shop/orders.py": (shop / "shop/orders.py").read_text().replace("data: dict", "number: int")}
    )
    git(shop, "add", "-A")
    made, said = try_commit(shop, environment)
    assert made, said


def test_a_change_elsewhere_is_named(shop: Path, environment: dict[str, str]) -> None:
    plant(shop, {"shop/main.py": MAIN.replace('"/orders", dependencies=[Depends(signed_in)]', '"/orders"')})
    made, said = try_commit(shop, environment, "--all")
    assert not made
    assert "shop/orders.py:6:2: BG101 endpoint-without-auth" in said
    assert "because of shop/main.py:8: 1 line changed, which this depends on" in said
    assert "Fails: 2 new errors in 1 file." in said


def test_what_is_staged_counts_and_the_rest_stays_as_it_is(shop: Path, environment: dict[str, str]) -> None:
    faulty = router("order") + NEW
    plant(shop, {"shop/orders.py": router("order") + "\n\nLIMIT = 10\n"})
    git(shop, "add", "-A")
    plant(shop, {"shop/orders.py": faulty, "shop/extra.py": faulty})
    made, said = try_commit(shop, environment)
    assert made, said
    assert (shop / "shop/orders.py").read_text() == faulty
    git(shop, "add", "shop/orders.py")
    plant(shop, {"shop/orders.py": router("order")})
    made, said = try_commit(shop, environment)
    assert not made
    assert "BG201" in said
    assert (shop / "shop/orders.py").read_text() == router("order")


def test_a_suppression_with_a_reason_lets_it_pass(shop: Path, environment: dict[str, str]) -> None:
    silent = NEW.replace("-> None:", "-> None:  # gate: ignore[untyped-request-body] {}")
    plant(shop, {"shop/orders.py": router("order") + silent.format("a partner sends what it likes")})
    git(shop, "add", "-A")
    made, said = try_commit(shop, environment)
    assert made, said


def test_a_broken_file_is_blocked_with_its_line(shop: Path, environment: dict[str, str]) -> None:
    plant(shop, {"shop/orders.py": router("order") + "\n\ndef broken(:\n"})
    git(shop, "add", "-A")
    made, said = try_commit(shop, environment)
    assert not made
    assert "shop/orders.py:17:1: BG001 source-not-analysable" in said
    assert "# gate: ignore" not in said
    assert "Could not judge everything: 1 file cannot be read." in said


def test_other_files_are_none_of_its_business(shop: Path, environment: dict[str, str]) -> None:
    plant(shop, {"notes.md": "# Notes\n"})
    git(shop, "add", "-A")
    made, said = try_commit(shop, environment)
    assert made
    assert "Passed" in said


def test_a_commit_that_only_removes_a_guard_is_judged(shop: Path, environment: dict[str, str]) -> None:
    guarded = MAIN.replace('prefix="/orders", dependencies=[Depends(signed_in)]', 'prefix="/orders"')
    guarded += (
        "try:\n    from shop.guards import install\n\n    install(app)\nexcept ImportError:\n    pass\n"
    )
    middleware = (
        "from fastapi import FastAPI, Request\nfrom fastapi.responses import JSONResponse\n\n\n"
        'def install(app: FastAPI) -> None:\n    @app.middleware("http")\n'
        "    async def signed_in(request: Request, call_next):\n"
        '        if request.headers.get("Authorization") != "secret":\n'
        "            return JSONResponse({}, status_code=401)\n        return await call_next(request)\n"
    )
    commit(shop, {"shop/main.py": guarded, "shop/guards.py": middleware})
    git(shop, "rm", "-q", "shop/guards.py")
    made, said = try_commit(shop, environment)
    assert "no files to check" not in said
    assert not made, said
    assert "because of shop/guards.py:1: the file was deleted" in said


def test_all_files_means_everything_and_a_baseline_is_the_way_in(
    shop: Path, environment: dict[str, str]
) -> None:
    everything = ["pre-commit", "run", "--all-files"]
    done = run(everything, shop, environment)
    assert done.returncode == 1
    assert "BG201 untyped-request-body `POST /users/import`" in done.stdout
    assert (
        "To start from what is there today: `backend-gate baseline write`, and commit the file."
        in done.stdout
    )
    assert gate("baseline", "write", cwd=shop).returncode == 0
    git(shop, "add", "-A")
    made, said = try_commit(shop, environment)
    assert made, said
    done = run(everything, shop, environment)
    assert done.returncode == 0, done.stdout


def test_it_works_from_a_subfolder_and_in_a_worktree(
    shop: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    git(shop, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    side = tmp_path / "side"
    plant(side, {"shop/orders.py": router("order") + NEW})
    git(side, "add", "-A")
    made, said = try_commit(side / "shop", environment)
    assert not made
    assert "shop/orders.py:17:20: BG201" in said
    commit(shop, {})


def test_a_push_is_stopped_until_the_backend_can_be_handed_on(
    shop: Path, environment: dict[str, str], tmp_path: Path, hook: tuple[Path, str]
) -> None:
    config = (shop / ".pre-commit-config.yaml").read_text() + "      - id: backend-gate-handoff\n"
    commit(shop, {".pre-commit-config.yaml": config, ".gitignore": "backend-gate-handoff/\n"})
    assert run(["pre-commit", "install", "--hook-type", "pre-push"], shop, environment).returncode == 0
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(shop, "remote", "add", "origin", str(tmp_path / "remote.git"))
    done = run(["git", "push", "origin", "main"], shop, environment)
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "backend-gate-handoff" in said
    assert "Traceback" not in said
    assert (shop / "backend-gate-handoff" / "handoff.md").is_file()
    assert git(tmp_path / "remote.git", "branch", "--list").strip() == ""
    plant(shop, {"shop/orders.py": router("order") + "\n\nLIMIT = 10\n"})
    git(shop, "add", "-A")
    made, said = try_commit(shop, environment)
    assert made, said
    assert "handoff" not in said


def test_a_push_passes_when_everything_is_shown(
    environment: dict[str, str], tmp_path: Path, hook: tuple[Path, str]
) -> None:
    source, revision = hook
    config = (
        f"repos:\n  - repo: {source}\n    rev: {revision}\n    hooks:\n      - id: backend-gate-handoff\n"
    )
    root = repository(
        tmp_path / "shop",
        {
            ".pre-commit-config.yaml": config,
            ".gitignore": "backend-gate-handoff/\nreport.lcov\n",
            "shop/main.py": TYPED,
            "backend-gate.toml": "[[public]]\npath = '/users'\nreason = 'a demonstration'\n"
            "[suites.integration]\ndata = 'report.lcov'\n",
        },
    )
    assert run(["pre-commit", "install", "--hook-type", "pre-push"], root, environment).returncode == 0
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(root, "remote", "add", "origin", str(tmp_path / "remote.git"))
    stopped = run(["git", "push", "origin", "main"], root, environment)
    assert stopped.returncode != 0
    assert "no evidence of the suite integration" in (stopped.stdout + stopped.stderr).lower()
    executed = "".join(f"DA:{line},1\n" for line in (1, 2, 4, 7, 8, 11, 12, 13))
    plant(root, {"report.lcov": f"SF:shop/main.py\n{executed}end_of_record\n"})
    done = run(["git", "push", "origin", "main"], root, environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout + done.stderr
    assert git(tmp_path / "remote.git", "branch", "--list").strip().endswith("main")
