"""What is new since a commit, in real repositories."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from repositories import MAIN, OLD_FAULT, SECURITY, SOUND, commit, repository, router
from running import gate_here
from trees import git, plant

from backend_gate.cli.rendering import FORMATS
from backend_gate.compare import check_changes
from backend_gate.errors import RepositoryError, SettingsError
from backend_gate.facts import files, pool
from backend_gate.facts.files import CannotOpenError
from backend_gate.gate import Overrides
from backend_gate.settle import changes
from backend_gate.settle.verdict import Outcome, Verdict

NEW = '\n\n@router.put("/all")\ndef replace_orders(data: dict) -> None:\n    print(data)\n'
GUARDED = 'prefix="/orders", dependencies=[Depends(signed_in)]'


def judged(
    root: Path, *folders: str, since: str | None = None, staged: bool = False, **more: object
) -> Verdict:
    """The verdict on what is new."""
    overrides = Overrides(ignore=("tests",), **more)  # type: ignore[arg-type]
    paths = [root / folder for folder in folders or (".",)]
    with check_changes(paths, overrides, since=since, staged=staged, jobs=1) as done:
        return done.verdict


def found(verdict: Verdict) -> list[tuple[str, str]]:
    """Rule and function of each new finding."""
    return sorted((finding.rule, finding.symbol.rpartition(".")[2]) for finding in verdict.findings)


def causes(verdict: Verdict) -> set[tuple[str, str]]:
    """Relation and file of the changes that findings name."""
    return {
        (change.relation, change.place.file)
        for finding in verdict.findings
        for change in verdict.changes(finding)
    }


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A sound backend but for one old fault, in a repository."""
    return repository(tmp_path / "shop", {**SOUND, "shop/users.py": router("user") + OLD_FAULT})


# --- what is new ---------------------------------------------------------------------------------


def test_what_was_there_is_not_new(shop: Path) -> None:
    verdict = judged(shop, since="HEAD")
    assert (verdict.outcome, verdict.findings, len(verdict.existing)) == (Outcome.PASSES, (), 1)
    assert verdict.comparison is not None
    assert verdict.comparison.commit == git(shop, "rev-parse", "HEAD").strip()


def test_a_new_fault_on_a_changed_line(shop: Path) -> None:
    plant(shop, {"shop/orders.py": router("order") + NEW})
    verdict = judged(shop, since="main")
    assert found(verdict) == [("untyped-request-body", "replace_orders")]
    assert causes(verdict) == {("here", "shop/orders.py")}
    assert (verdict.exit_code, len(verdict.existing)) == (1, 1)


UNKNOWN = (
    "from fastapi import APIRouter, Depends\nfrom corp.auth import check, other\n"
    "router = APIRouter(prefix='/reports')\n\n\n"
    "@router.get('', dependencies=[Depends(check)])\ndef list_reports() -> str:\n    return open('r').read()\n"
)
ASKS_AGAIN = "\n\n@router.post('', dependencies=[Depends(other)])\ndef add_report() -> None:\n    print()\n"


def test_of_questions_that_fail_only_new_ones_count(tmp_path: Path) -> None:
    main = MAIN + "\nfrom shop.reports import router as reports\n\napp.include_router(reports)\n"
    shop = repository(tmp_path / "shop", {**SOUND, "shop/main.py": main, "shop/reports.py": UNKNOWN})
    assert len(judged(shop, staged=True, strict=True).questions) == 1
    plant(shop, {"shop/reports.py": UNKNOWN.replace("router = ", "LIMIT = 3\nrouter = ")})

    shifted = judged(shop, since="HEAD", strict=True)

    assert (shifted.outcome, shifted.questions) == (Outcome.PASSES, ())
    assert shifted.comparison is not None
    assert len(shifted.comparison.questions) == 1

    plant(shop, {"shop/reports.py": UNKNOWN + ASKS_AGAIN})
    added = judged(shop, since="HEAD", strict=True)
    assert added.outcome is Outcome.FAILS
    assert [question.subject for question in added.questions] == ["POST /reports"]
    assert judged(shop, since="HEAD").outcome is Outcome.PASSES


def test_a_guard_removed_in_one_file_unprotects_endpoints_in_others(shop: Path) -> None:
    plant(shop, {"shop/main.py": MAIN.replace(GUARDED, 'prefix="/orders"')})
    verdict = judged(shop, since="HEAD")
    assert found(verdict) == [
        ("endpoint-without-auth", "create_order"),
        ("endpoint-without-auth", "delete_order"),
    ]
    assert {finding.place.file for finding in verdict.findings} == {"shop/orders.py"}
    assert causes(verdict) == {("evidence", "shop/main.py")}
    (change, *_) = verdict.changes(verdict.findings[0])
    assert (change.place.span.line, change.removed, change.added) == (8, 1, 1)
    text = gate_here("check", "--since", "HEAD", cwd=shop).stdout
    assert "because of shop/main.py:8  1 line changed, which this depends on" in text
    assert "1 finding not counted: 1 already in HEAD (" in text


def test_a_guard_that_no_longer_denies_is_named(shop: Path) -> None:
    plant(shop, {"shop/security.py": SECURITY.replace("raise HTTPException(401)", 'token = "nobody"')})
    verdict = judged(shop, since="HEAD")
    (finding,) = verdict.findings
    assert (finding.rule, finding.place.file) == ("guard-never-denies", "shop/security.py")


def test_a_deleted_file_and_an_exception_handler_that_went(tmp_path: Path) -> None:
    handlers = (
        "from fastapi import FastAPI, Request\nfrom fastapi.responses import JSONResponse\n\n"
        "from shop.security import GoneError\n\n\n"
        "def install(app: FastAPI) -> None:\n    @app.exception_handler(GoneError)\n"
        "    def gone(request: Request, error: GoneError) -> JSONResponse:\n"
        "        return JSONResponse({}, status_code=410)\n"
    )
    users = (
        router("user")
        .replace("print(number)\n\n", "raise GoneError\n\n")
        .replace("\n\nrouter", "\n\nfrom shop.security import GoneError\n\nrouter")
    )
    main = MAIN.replace(
        "\n\napp = FastAPI()\n", "\nfrom shop.handlers import install\n\napp = FastAPI()\ninstall(app)\n"
    )
    security = SECURITY + "\n\nclass GoneError(Exception):\n    pass\n"
    root = repository(
        tmp_path, {**SOUND, "shop/main.py": main, "shop/users.py": users, "shop/security.py": security,
                   "shop/handlers.py": handlers},
    )  # fmt: skip
    assert judged(root, since="HEAD").all_findings == ()
    (root / "shop/handlers.py").unlink()
    plant(root, {"shop/main.py": MAIN})
    verdict = judged(root, since="HEAD")
    assert found(verdict) == [("endpoint-errors-unhandled", "create_user")]
    ((finding),) = verdict.findings
    by_file = {change.place.file: change for change in verdict.changes(finding)}
    assert by_file["shop/handlers.py"].deleted
    assert by_file["shop/handlers.py"].removed == 10


def test_a_setting_that_changes_the_verdict_is_named(tmp_path: Path) -> None:
    public = '[[public]]\npath = "/orders"\nreason = "the price list"\n'
    main = MAIN.replace(GUARDED, 'prefix="/orders"')
    orders = router("order").partition("\n\n\n@router.delete")[0] + "\n"
    root = repository(
        tmp_path, {**SOUND, "shop/main.py": main, "shop/orders.py": orders, "backend-gate.toml": public}
    )
    assert judged(root, since="HEAD").all_findings == ()
    plant(root, {"backend-gate.toml": ""})
    verdict = judged(root, since="HEAD")
    assert found(verdict) == [("endpoint-without-auth", "create_order")]
    assert causes(verdict) == {("elsewhere", "backend-gate.toml")}


def test_moved_and_reformatted_code_is_not_new(shop: Path) -> None:
    users = (
        (shop / "shop/users.py")
        .read_text()
        .replace("data: dict", "\n    data :  dict,\n")
        .replace("router = APIRouter()", "import json  # noqa\n\nrouter = APIRouter()")
    )
    (shop / "shop/users.py").unlink()
    plant(shop, {"shop/people.py": users, "shop/main.py": MAIN.replace("users", "people")})
    verdict = judged(shop, since="HEAD")
    assert (verdict.findings, len(verdict.existing)) == ((), 1)


def test_one_more_of_the_same_is_new(shop: Path) -> None:
    plant(shop, {"shop/users.py": router("user") + OLD_FAULT + OLD_FAULT})
    assert found(judged(shop, since="HEAD")) == [("untyped-request-body", "import_users")]


def test_an_unsuppressed_fault_counts_and_a_rule_that_is_new_to_the_configuration_does_not(
    shop: Path,
) -> None:
    silent = OLD_FAULT.replace("-> None:", "-> None:  # gate: ignore[BG201] known")
    commit(shop, {"shop/users.py": router("user") + silent})
    assert judged(shop, since="HEAD").all_findings != ()
    plant(shop, {"shop/users.py": router("user") + OLD_FAULT})
    assert found(judged(shop, since="HEAD")) == [("untyped-request-body", "import_users")]
    commit(shop, {"backend-gate.toml": "select = ['BG101']\n"})
    plant(shop, {"backend-gate.toml": "select = ['BG101', 'BG201']\n"})
    assert found(judged(shop, since="HEAD")) == []


def test_since_means_since_the_branches_parted(shop: Path) -> None:
    git(shop, "checkout", "-q", "-b", "feature")
    commit(shop, {"shop/orders.py": router("order") + NEW})
    git(shop, "checkout", "-q", "main")
    commit(shop, {"shop/users.py": router("user")})  # the old fault is mended on main
    git(shop, "checkout", "-q", "feature")
    verdict = judged(shop, since="main")
    assert found(verdict) == [("untyped-request-body", "replace_orders")]
    assert len(verdict.existing) == 1


def test_untracked_files_count_in_the_working_tree_and_not_in_the_index(shop: Path) -> None:
    main = MAIN.replace("import orders", "import extra, orders")
    main += "app.include_router(extra.router, prefix='/x')\n"
    plant(shop, {"shop/extra.py": router("extra"), "shop/main.py": main})
    assert len(judged(shop, since="HEAD").findings) == 2
    git(shop, "add", "shop/main.py")
    assert judged(shop, staged=True).findings == ()


def test_the_baseline_counts_as_well(shop: Path) -> None:
    plant(shop, {"shop/orders.py": router("order") + NEW})
    assert gate_here("baseline", "write", cwd=shop).returncode == 0
    verdict = judged(shop, since="HEAD")
    assert (verdict.findings, len(verdict.baselined), verdict.existing) == ((), 2, ())
    git(shop, "add", "shop")
    assert len(judged(shop, staged=True).findings) == 1  # the baseline itself is not staged
    git(shop, "add", "-A")
    assert judged(shop, staged=True).findings == ()


def test_a_commit_that_cannot_be_judged_is_said(shop: Path) -> None:
    commit(shop, {"shop/orders.py": "def f(:\n", "backend-gate.toml": "select = 3\n"})
    plant(shop, {"shop/orders.py": router("order"), "backend-gate.toml": ""})
    verdict = judged(shop, since="HEAD")
    assert verdict.comparison is not None
    assert verdict.comparison.incomplete
    assert "what is called new here may be older" in gate_here("check", "--since", "HEAD", cwd=shop).stdout
    plant(shop, {"backend-gate.toml": "select = 3\n"})
    with pytest.raises(SettingsError):
        judged(shop, since="HEAD")


# --- the index -----------------------------------------------------------------------------------


def test_the_index_is_judged_and_not_the_working_tree(shop: Path) -> None:
    plant(shop, {"shop/orders.py": router("order") + NEW})
    git(shop, "add", "-A")
    plant(shop, {"shop/orders.py": router("order")})
    before = (git(shop, "status", "--porcelain"), (shop / ".git/index").read_bytes())
    verdict = judged(shop, staged=True)
    assert found(verdict) == [("untyped-request-body", "replace_orders")]
    assert (git(shop, "status", "--porcelain"), (shop / ".git/index").read_bytes()) == before
    done = gate_here("check", "--staged", cwd=shop)
    assert "def replace_orders(data: dict) -> None:" in done.stdout  # the lines as they are staged
    assert "shop/orders.py:17:20" in done.stdout


def test_a_partially_staged_file(shop: Path) -> None:
    plant(
        shop,
        {"shop/orders.py": router("order") + '\n\n@router.get("/one")\ndef one(data: dict) -> None: ...\n'},
    )
    git(shop, "add", "-A")
    plant(shop, {"shop/orders.py": router("order") + NEW})
    assert found(judged(shop, staged=True)) == [("untyped-request-body", "one")]
    assert found(judged(shop, since="HEAD")) == [("untyped-request-body", "replace_orders")]


def test_with_nothing_staged_everything_counts(shop: Path) -> None:
    verdict = judged(shop, staged=True)
    assert verdict.comparison is None
    assert found(verdict) == [("untyped-request-body", "import_users")]
    assert found(judged(shop, staged=True, since="HEAD")) == []


def test_changes_of_files_that_nobody_reads_are_not_judged(shop: Path) -> None:
    plant(shop, {"notes.md": "# Notes\n", "web/main.js": "1"})
    git(shop, "add", "-A")
    verdict = judged(shop, staged=True)
    assert (verdict.outcome, verdict.backends) == (Outcome.PASSES, ())
    assert verdict.comparison is not None
    assert verdict.comparison.unchanged
    for form in FORMATS:
        done = gate_here("check", "--staged", "--format", form, cwd=shop)
        assert (done.returncode, done.stderr) == (0, "")
    said = gate_here("check", "--staged", cwd=shop / "shop").stdout
    assert said.startswith("Passes: no change of a file that is judged.\n")
    assert "nobody" in gate_here("check", "--staged", "--select", "nobody", cwd=shop).stderr
    (shop / "new").mkdir()
    with pytest.raises(RepositoryError, match="nothing of new is in the index"):
        judged(shop, "new", staged=True)
    git(shop, "rm", "-q", "shop/security.py")
    assert judged(shop, staged=True).backends != ()


def test_before_the_first_commit_everything_is_new(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    plant(tmp_path, {**SOUND, "shop/users.py": router("user") + OLD_FAULT})
    git(tmp_path, "add", "-A")
    verdict = judged(tmp_path, staged=True)
    assert found(verdict) == [("untyped-request-body", "import_users")]
    assert causes(verdict) == {("here", "shop/users.py")}


def test_what_cannot_be_judged_says_what_to_do_where_it_stops_a_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    text = gate_here("check", "--staged", "--format", "concise", cwd=tmp_path).stdout
    assert "not-judged there is no Python code here\n" in text
    assert text.endswith("\n\nName the folder of the backend.\n")


def test_a_merge_in_conflict_is_an_error(shop: Path) -> None:
    git(shop, "checkout", "-q", "-b", "other")
    commit(shop, {"shop/orders.py": router("other")})
    git(shop, "checkout", "-q", "main")
    commit(shop, {"shop/orders.py": router("main")})
    subprocess.run(["git", "merge", "other"], cwd=shop, capture_output=True, check=False)
    with pytest.raises(RepositoryError, match="in conflict"):
        judged(shop, staged=True)


def test_what_a_merge_brings_in_is_not_new(shop: Path) -> None:
    git(shop, "checkout", "-q", "-b", "feature")
    commit(shop, {"shop/security.py": SECURITY + "X = 1\n"})
    git(shop, "checkout", "-q", "main")
    commit(shop, {"shop/security.py": SECURITY + "X = 2\n", "shop/orders.py": router("order") + NEW})
    git(shop, "checkout", "-q", "feature")
    subprocess.run(["git", "merge", "main"], cwd=shop, capture_output=True, check=False)
    plant(shop, {"shop/security.py": SECURITY + "X = 3\n"})
    git(shop, "add", "-A")
    verdict = judged(shop, staged=True)
    assert (verdict.findings, len(verdict.existing)) == ((), 2)
    assert "2 already in HEAD or MERGE_HEAD (" in gate_here("check", "--staged", cwd=shop).stdout
    again = NEW.replace('"/all"', '"/every"').replace("replace_orders", "replace_every")
    plant(shop, {"shop/orders.py": router("order") + NEW + again})
    git(shop, "add", "-A")
    assert found(judged(shop, staged=True)) == [("untyped-request-body", "replace_every")]


def test_a_merge_that_changes_nothing_makes_nothing_new(shop: Path) -> None:
    git(shop, "checkout", "-q", "-b", "feature")
    commit(shop, {"shop/orders.py": router("order") + NEW})
    git(shop, "checkout", "-q", "main")
    git(shop, "merge", "-q", "--no-commit", "-s", "ours", "feature")
    assert judged(shop, staged=True).findings == ()


def test_the_index_of_a_hook_counts(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(shop, {"shop/orders.py": router("order") + NEW})
    other = shop / ".git" / "next-index-1.lock"
    environment = {**os.environ, "GIT_INDEX_FILE": str(other)}
    subprocess.run(["git", "read-tree", "HEAD"], cwd=shop, env=environment, check=True)
    subprocess.run(["git", "add", "-A"], cwd=shop, env=environment, check=True)
    assert judged(shop, staged=True).comparison is None
    monkeypatch.setenv("GIT_INDEX_FILE", str(other))
    assert found(judged(shop, staged=True)) == [("untyped-request-body", "replace_orders")]
    elsewhere = other.rename(tmp_path / "index")
    monkeypatch.setenv("GIT_INDEX_FILE", str(elsewhere))
    assert found(judged(shop, staged=True)) == [("untyped-request-body", "replace_orders")]
    elsewhere.write_text("none")
    with pytest.raises(RepositoryError, match="git refuses"):
        judged(shop, staged=True)
    repository(tmp_path / "other", {"a.py": ""})
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other" / ".git" / "index"))
    assert judged(shop, staged=True).comparison is None


def test_a_file_that_may_not_be_opened_is_not_called_deleted(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(shop, {"shop/users.py": router("user")})
    sound = files.read_bytes

    def refuse(root: Path, path: str) -> bytes:
        if root == shop and path == "shop/users.py":
            raise CannotOpenError("the file cannot be opened: Permission denied")
        return sound(root, path)

    monkeypatch.setattr(changes, "read_bytes", refuse)
    plant(shop, {"shop/orders.py": router("order") + NEW})
    verdict = judged(shop, since="HEAD")
    assert causes(verdict) == {("here", "shop/orders.py")}
    monkeypatch.setattr(pool, "read_bytes", refuse)
    (broken,) = (each for each in judged(shop, since="HEAD").findings if each.rule == "source-not-analysable")
    assert all(
        change.place.file != broken.place.file for change in judged(shop, since="HEAD").changes(broken)
    )


# --- where and of what ---------------------------------------------------------------------------


def test_folders_of_a_monorepo(tmp_path: Path) -> None:
    files = {
        f"services/{name}/{path}": text for name in ("one", "two", "three") for path, text in SOUND.items()
    }
    root = repository(tmp_path, files)
    for name in ("one", "two"):
        plant(root / "services" / name, {"shop/orders.py": router("order") + NEW})
    verdict = judged(root, "services/one", since="HEAD")
    assert {finding.place.file for finding in verdict.findings} == {"shop/orders.py"}
    assert causes(verdict) == {("here", "shop/orders.py")}
    both = judged(root, "services/one", "services/two", since="HEAD")
    assert {finding.place.file for finding in both.findings} == {"one/shop/orders.py", "two/shop/orders.py"}
    assert causes(both) == {("here", "one/shop/orders.py"), ("here", "two/shop/orders.py")}
    git(root, "add", "-A")
    assert len(judged(root, staged=True).findings) == 2
    assert judged(root, "services/three", staged=True).findings == ()
    plant(root, {"services/four/" + path: text for path, text in SOUND.items()})
    plant(root / "services/four", {"shop/orders.py": router("order") + NEW})
    assert len(judged(root, "services/four", "services/one", since="HEAD").findings) == 2
    plant(
        root / "services",
        {"one/shop/part/__init__.py": "from fastapi import APIRouter\nrouter = APIRouter()\n"},
    )
    git(root, "add", "services/one")
    part = gate_here("check", "--staged", "services/one/shop/part", cwd=root / "services")
    assert part.returncode == 2
    part = gate_here("check", "--staged", "one/shop/part", cwd=root / "services")
    assert "`backend-gate check one`" in part.stdout
    with pytest.raises(RepositoryError, match=r"nothing of services/four is in the index"):
        judged(root, "services/four", staged=True)


def test_a_worktree_has_its_own_index(shop: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    git(shop, "worktree", "add", "-q", "-b", "side", str(other))
    plant(other, {"shop/orders.py": router("order") + NEW})
    git(other, "add", "-A")
    assert found(judged(other, staged=True)) == [("untyped-request-body", "replace_orders")]
    assert judged(shop, staged=True).comparison is None


@pytest.fixture
def whole(shop: Path, tmp_path: Path) -> Path:
    """A repository with the shop as a submodule."""
    root = repository(tmp_path / "whole", {"pyproject.toml": "[project]\nname = 'whole'\n", "start.py": ""})
    git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(shop), "libs/shop")
    git(root / "libs/shop", "config", "user.email", "person@example.org")
    git(root / "libs/shop", "config", "user.name", "A Person")
    commit(root, {})
    return root


def test_faults_of_a_submodule_are_new_only_where_it_changes(whole: Path) -> None:
    assert [finding.place.file for finding in judged(whole, staged=True).findings] == [
        "libs/shop/shop/users.py"
    ]
    verdict = judged(whole, since="HEAD")
    assert (verdict.findings, len(verdict.existing)) == ((), 1)
    plant(whole, {"libs/shop/shop/orders.py": router("order") + NEW})
    verdict = judged(whole, since="HEAD")
    assert found(verdict) == [("untyped-request-body", "replace_orders")]
    assert causes(verdict) == {("here", "libs/shop/shop/orders.py")}
    commit(whole / "libs/shop", {})
    git(whole, "add", "-A")
    assert found(judged(whole, staged=True)) == [("untyped-request-body", "replace_orders")]


def test_a_commit_of_a_submodule_that_is_not_here_is_said(whole: Path, tmp_path: Path) -> None:
    commit(whole / "libs/shop", {"shop/orders.py": router("order") + NEW})
    commit(whole, {})
    git(whole / "libs/shop", "push", "-q", "origin", "HEAD:refs/heads/later")
    git(tmp_path / "shop", "checkout", "-q", "later")
    git(tmp_path, "clone", "-q", f"file://{whole}", "clone")
    options = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", "--depth", "1"]
    git(tmp_path / "clone", "config", "submodule.libs/shop.url", f"file://{tmp_path}/shop")
    git(tmp_path / "clone", *options)
    verdict = judged(tmp_path / "clone", since="HEAD~1")
    assert verdict.comparison is not None
    assert verdict.comparison.incomplete
    assert len(verdict.findings) == 2
    git(whole, "submodule", "--quiet", "deinit", "--force", "libs/shop")
    assert judged(whole, since="HEAD").all_findings == ()


def test_a_submodule_that_leads_elsewhere_is_left_out(whole: Path, shop: Path) -> None:
    oid = git(shop, "rev-parse", "HEAD").strip()
    git(whole, "update-index", "--add", "--cacheinfo", f"160000,{oid},link")
    (whole / "link").symlink_to(shop)
    assert {finding.place.file for finding in judged(whole, staged=True).findings} == set()
    tree = raw_tree(whole, [("160000", "../shop", oid)])
    git(whole, "branch", "evil", git(whole, "commit-tree", "-m", "evil", "-p", "HEAD", tree).strip())
    assert judged(whole, since="evil").comparison is not None


# --- what cannot be compared ---------------------------------------------------------------------


def said(root: Path, *arguments: str) -> str:
    """What a run that cannot judge says."""
    done = gate_here("check", *arguments, cwd=root)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (2, "", False)
    return done.stderr


def test_clear_errors(shop: Path, tmp_path: Path) -> None:
    assert 'there is no commit "nowhere"' in said(shop, "--since", "nowhere")
    assert "`git branch --all`" in said(shop, "--since", "feature/nowhere")
    git(shop, "remote", "add", "origin", str(shop))
    assert "Fetch it: `git fetch origin`" in said(shop, "--since", "origin/nowhere")
    git(shop, "update-ref", "refs/remotes/origin/trunk", "HEAD")
    assert "There is origin/trunk, which may be meant." in said(shop, "--since", "trunk")
    assert 'there is no commit "--upload-pack=x"' in said(shop, "--since=--upload-pack=x")
    plain = plant(tmp_path / "plain", SOUND)
    for option in (["--since", "main"], ["--staged"]):
        text = said(plain, *option)
        assert "is not in a git repository" in text
        assert "git init" in text
    git(shop, "checkout", "-q", "--orphan", "lonely")
    commit(shop, {}, "Begin anew")  # another message: in the same second it would be the same commit
    assert "no commit in common" in said(shop, "--since", "main")
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q", "-b", "trunk")
    plant(empty, SOUND)
    assert 'there is no commit "main"' in said(empty, "--since", "main")


def test_a_repository_of_somebody_else_is_named_as_git_wants_it(shop: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    for path in (shop, shop / ".git"):
        os.chown(path, 12345, 12345)
    assert f"safe.directory {shop}`" in said(shop / "shop", "--since", "HEAD")


@pytest.mark.parametrize("name", ["two\nlines", "para\u2028graph", "two  blanks "])
def test_any_name_of_a_folder(tmp_path: Path, name: str) -> None:
    root = repository(tmp_path / name, {**SOUND, "shop/users.py": router("user") + OLD_FAULT})
    assert len(judged(root, since="HEAD").existing) == 1
    assert len(judged(root, staged=True).findings) == 1


def test_a_shallow_clone_says_how_to_deepen_it(shop: Path, tmp_path: Path) -> None:
    first = git(shop, "rev-parse", "HEAD").strip()
    commit(shop, {"shop/orders.py": router("order") + NEW})
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{shop}", "shallow")
    text = said(tmp_path / "shallow", "--since", first)
    assert "git fetch --unshallow" in text
    assert "fetch-depth: 0" in text


@pytest.mark.parametrize("top", ["/", "/tmp"])
def test_a_repository_that_takes_other_files_for_its_own_is_refused(shop: Path, top: str) -> None:
    git(shop, "config", "core.worktree", top)
    assert "Remove core.worktree" in said(shop, "--since", "HEAD")


def test_git_has_to_be_there(shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryError, match="git is not installed"):
        judged(shop, since="HEAD")


# --- hostile repositories ------------------------------------------------------------------------


def test_no_program_of_the_repository_runs(shop: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {ran}\ncat\n")
    script.chmod(0o755)
    plant(shop, {".gitattributes": "*.py filter=evil diff=evil\n"})
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "attributes")
    plant(shop, {"shop/orders.py": router("order") + NEW})
    git(shop, "add", "-A")
    for key in (
        "core.fsmonitor", "core.pager", "core.sshCommand", "filter.evil.clean", "filter.evil.smudge",
        "filter.evil.process", "diff.evil.textconv", "diff.evil.command", "diff.external", "core.editor",
        "credential.helper", "core.askPass", "uploadpack.packObjectsHook",
    ):  # fmt: skip
        git(shop, "config", key, str(script))
    hooks = shop / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "post-checkout", "reference-transaction", "pre-commit"):
        (hooks / name).write_text(script.read_text())
        (hooks / name).chmod(0o755)
    for options in ({"since": "HEAD"}, {"staged": True}):
        assert len(judged(shop, **options).findings) == 1
    assert not ran.exists()


def test_a_link_out_of_the_tree_is_not_followed(shop: Path, tmp_path: Path) -> None:
    outside = plant(tmp_path / "outside", {"orders.py": router("order") + NEW})
    (shop / "shop/orders.py").unlink()
    (shop / "shop/orders.py").symlink_to(outside / "orders.py")
    (shop / "up").symlink_to("../..")
    git(shop, "add", "-A")
    assert judged(shop, staged=True).findings == ()


def raw_tree(root: Path, entries: Iterable[tuple[str, str, str]]) -> str:
    """The id of a tree object as no git command would make it: mode, name and id of each entry."""
    data = b"".join(f"{mode} {name}".encode() + b"\0" + bytes.fromhex(oid) for mode, name, oid in entries)
    done = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--literally", "--stdin"],
        cwd=root, input=data, capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout.decode().strip()


def test_a_tree_with_names_that_lead_out_writes_nothing_there(shop: Path, tmp_path: Path) -> None:
    blob = git(shop, "hash-object", "-w", str(shop / "shop/users.py")).strip()
    target = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=shop, input=str(tmp_path).encode(), capture_output=True, check=True
    ).stdout.decode().strip()  # fmt: skip
    inner = raw_tree(shop, [("100644", "evil.py", blob)])
    tree = raw_tree(
        shop,
        [
            ("100644", "../evil.py", blob),
            ("40000", "..", inner),
            ("120000", "x", target),
            ("40000", "x", inner),
        ],
    )
    head = git(shop, "commit-tree", "-m", "evil", "-p", "HEAD", tree).strip()
    git(shop, "branch", "evil", head)
    verdict = judged(shop, since="HEAD")
    git(shop, "symbolic-ref", "HEAD", "refs/heads/evil")
    judged(shop, since="evil")
    assert list(tmp_path.rglob("evil.py")) == []
    assert verdict.findings == ()


def test_the_report_of_a_comparison_keeps_to_its_schema(shop: Path) -> None:
    from importlib import resources

    from jsonschema import Draft202012Validator

    plant(shop, {"shop/main.py": MAIN.replace(GUARDED, 'prefix="/orders"')})
    done = gate_here("check", "--since", "HEAD", "--format", "json", cwd=shop)
    document = json.loads(done.stdout)
    schema = json.loads((resources.files("backend_gate") / "schemas" / "check.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    assert document["comparison"]["revision"] == "HEAD"
    assert [finding["changes"][0]["file"] for finding in document["findings"]] == ["shop/main.py"] * 2
    assert [finding["symbol"] for finding in document["existing"]] == ["shop.users.import_users"]
    assert done.stdout == gate_here("check", "--since", "HEAD", "--format", "json", cwd=shop).stdout
