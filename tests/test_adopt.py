"""The walk-through of docs/adopt.md, on a real backend from the Python Package Index.

Needs the network, and is skipped, with the reason, where there is none.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hooks import developer, hook_source, run
from repositories import repository
from trees import git

PAGE = Path(__file__).parents[1] / "docs" / "adopt.md"
PROJECT, VERSION = "fief-server", "0.27.0"
ROUTER = "fief/apps/api/routers/webhooks.py"
UNHANDLED = "raise UserInactiveError()"
GUARD = "fief/dependencies/admin_authentication.py"
FAULT = '\n\n@router.put("/import")\nasync def import_webhooks(data: dict) -> int:\n    return len(data)\n'
DENIES = """\
    if admin_api_key is None:
        raise HTTPException(status_code=status.HTTP_401_UNAUTHORIZED)

    if admin_api_key.workspace_id"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The backend, in a repository of its own with one commit."""
    folder = tmp_path_factory.mktemp("project")
    wanted = [f"{PROJECT}=={VERSION}", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", *wanted],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(
            f"{PROJECT} cannot be downloaded, the walk-through was NOT tried: {done.stderr.strip()[-200:]}"
        )
    (wheel,) = folder.glob("*.whl")
    root = folder / PROJECT
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(root, [name for name in archive.namelist() if name.startswith("fief/")])
    (root / "pyproject.toml").write_text(f"[project]\nname = '{PROJECT}'\n")
    return repository(root, {})


def commands() -> list[list[str]]:
    """The commands of the page, in order."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def test_adopt_on_an_old_project(project: Path, tmp_path: Path) -> None:
    environment = developer(tmp_path / "store")
    steps = iter(commands())

    def next_step(*expected: str, more: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        step = next(steps)
        assert step[: len(expected)] == list(expected)
        return run([*step, *more], project, environment)

    look = next_step("backend-gate", "check")
    assert look.returncode == 1
    old = int(re.findall(r"Fails: (\d+) errors", look.stdout)[0])
    assert old > 1

    written = next_step("backend-gate", "baseline", "write")
    assert written.returncode == 0
    assert "Commit it: from now on `backend-gate check` fails on new findings only." in written.stdout

    source, revision = hook_source(tmp_path / "hook")
    (config,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    config = re.sub(r"repo: .*", f"repo: {source}", config).replace("v0.1.0", revision)
    (project / ".pre-commit-config.yaml").write_text(config)
    assert next_step("pre-commit", "install").returncode == 0
    assert next_step("git", "add").returncode == 0
    adopted = next_step("git", "commit")
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr

    assert next_step("git", "switch").returncode == 0
    guard = project / GUARD
    text = guard.read_text()
    assert text.count(DENIES) == 1
    guard.write_text(text.replace(DENIES, "    if admin_api_key is not None and admin_api_key.workspace_id"))
    with (project / ROUTER).open("a") as stream:
        stream.write(FAULT)
    assert next_step("git", "add").returncode == 0
    blocked = next_step("git", "commit")
    assert blocked.returncode == 1
    assert f"{ROUTER}:" in blocked.stderr, blocked.stderr
    assert "untyped-request-body `PUT /admin/api/webhooks/import`" in blocked.stderr
    assert f"because of {GUARD}:" in blocked.stderr
    assert git(project, "log", "--format=%s", "-1").strip() == "Adopt backend-gate"

    assert next_step("git", "commit", "--no-verify").returncode == 0
    file = tmp_path / "gate.json"
    review = next_step("backend-gate", "check", "--since", "main", more=("--report", f"json={file}"))
    assert review.returncode == 1
    report = json.loads(file.read_text("utf-8"))
    findings = report["findings"]
    local = [finding for finding in findings if finding["changes"][0]["relation"] == "here"]
    remote = [finding for finding in findings if finding not in local]
    assert {(f["rule"], f["symbol"].rpartition(".")[2]) for f in local} >= {
        ("untyped-request-body", "import_webhooks")
    }
    assert {finding["symbol"].rpartition(".")[2] for finding in local} == {"import_webhooks"}
    assert {finding["rule"] for finding in remote} == {"optional-user-as-guard", "webhook-without-signature"}
    assert {finding["changes"][0]["file"] for finding in remote} == {GUARD, ROUTER}
    folder = project / "fief/apps/api/routers"
    guarded = {file.name for file in folder.glob("*.py") if "is_authenticated_admin_api)" in file.read_text()}
    assert {Path(finding["file"]).name for finding in remote} == guarded
    routes = json.loads(run(["backend-gate", "routes", "--format", "json"], project, environment).stdout)
    administration = [each for each in routes["endpoints"] if each["handler"].startswith("fief.apps.api.")]
    opened = {each["handler"] for each in administration if each["auth"]["verdict"] == "unprotected"}
    changing = {
        f"{', '.join(each['methods'])} {each['path']}"
        for each in administration
        if each["methods"] != ["GET"] and each["handler"] in opened
    }
    assert changing <= {route for finding in findings for route in finding["subject"].split("; ")}
    assert len(changing) > 20
    assert len(report["baselined"]) >= old

    guard.write_text(text)
    (project / ROUTER).write_text((project / ROUTER).read_text().replace(FAULT, ""))
    mended = project / "fief/services/user_manager.py"
    text = mended.read_text()
    assert UNHANDLED in text
    mended.write_text(text.replace(UNHANDLED, "return"))
    pruned = next_step("backend-gate", "baseline", "prune")
    assert pruned.returncode == 0
    assert "fixed and dropped" in pruned.stdout
    assert next(steps, None) is None
