"""The files for CI: checked by the clients' own validators, and the action's steps run as a runner runs them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from hooks import developer, hook_source, run
from running import TYPED, UNTYPED, environment, make_backend

ROOT = Path(__file__).parents[1]
GITHUB, GITLAB = "docs/ci/github.yml", "docs/ci/gitlab.yml"


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / command[0]), *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-actions", "action.yml"),
        ("vendor.github-workflows", GITHUB),
        ("vendor.gitlab-ci", GITLAB),
    ],
)
def test_files_keep_to_the_schema_of_their_reader(schema: str, file: str) -> None:
    done = _run("check-jsonschema", "--builtin-schema", schema, file)
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_has_nothing_to_remark() -> None:
    """Not even what it reports to auditors only."""
    done = _run(
        "zizmor", "--offline", "--quiet", "--persona", "auditor", "--format", "json", "action.yml", GITHUB
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == []


def test_the_step_that_comments_is_sound_where_it_is_added(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    (step,) = re.findall(r"```yaml\n( {6}- if: .*?)```", page, re.DOTALL)
    workflow = tmp_path / "workflow.yml"
    whole = (ROOT / GITHUB).read_text("utf-8").rstrip() + "\n" + step
    workflow.write_text(whole.replace("    steps:", "      pull-requests: write # to comment\n    steps:"))
    done = _run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(workflow))
    assert done.returncode == 0, done.stdout + done.stderr
    done = _run("zizmor", "--offline", "--quiet", "--persona", "auditor", str(workflow))
    assert done.returncode == 0, done.stdout + done.stderr


def test_zizmor_reports_what_is_wrong(tmp_path: Path) -> None:
    workflow = tmp_path / "workflow.yml"
    pinned = re.compile(r"@[0-9a-f]{40}")
    workflow.write_text(pinned.sub("@main", (ROOT / GITHUB).read_text("utf-8")))
    done = _run("zizmor", "--offline", "--quiet", str(workflow))
    assert done.returncode != 0
    assert "unpinned-uses" in done.stdout


@pytest.mark.parametrize("file", [GITHUB, GITLAB])
def test_the_documentation_shows_the_file_that_is_checked(file: str) -> None:
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    assert f"```yaml\n{(ROOT / file).read_text('utf-8')}```\n" in page


def test_the_documentation_names_every_input_of_the_action() -> None:
    page = (ROOT / "docs" / "ci.md").read_text("utf-8")
    for name, value in _action()["inputs"].items():
        shown = f"`{value['default']}`" if value["default"] else "none"
        assert re.search(rf"^\| `{name}` \| .* \| {re.escape(shown)} \|$", page, re.MULTILINE), name


def test_gitlab_finds_the_reports_where_the_job_says(tmp_path: Path) -> None:
    """The script as GitLab runs it, with a package of the command alone, as there is no network."""
    job = yaml.safe_load((ROOT / GITLAB).read_text("utf-8"))["backend-gate"]
    source, _ = hook_source(tmp_path / "source")
    work = make_backend(tmp_path / "work")
    run([sys.executable, "-m", "venv", "env"], tmp_path, developer(tmp_path / "store"))
    env = developer(tmp_path / "store")
    env |= {"BACKEND_GATE": str(source), "PATH": f"{tmp_path / 'env' / 'bin'}:{env['PATH']}"}
    done = run(["bash", "-e", "-o", "pipefail", "-c", "\n".join(job["script"])], work, env)
    assert done.returncode == 1, done.stderr
    reports = job["artifacts"]["reports"]
    quality = json.loads((work / reports["codequality"]).read_text("utf-8"))
    assert {"untyped-request-body"} <= {entry["check_name"] for entry in quality}
    assert ET.parse(work / reports["junit"]).findall("*/*/failure")


def test_gitlab_is_told_of_reports_that_the_command_writes() -> None:
    job = yaml.safe_load((ROOT / GITLAB).read_text("utf-8"))["backend-gate"]
    written = dict(re.findall(r"--report (\w+)=(\S+)", " ".join(job["script"])))
    reports = job["artifacts"]["reports"]
    assert reports == {"codequality": written["gitlab"], "junit": written["junit"]}


# --- the action ----------------------------------------------------------------------------------


def _action() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return document


class Runner:
    """Runs the shell steps of the action, with this checkout installed by a link."""

    def __init__(self, root: Path, workspace: Path, **more: str) -> None:
        """``more`` is of the environment; with ``GITHUB_ACTION_PATH`` the gate is to be installed from there."""
        self.workspace = workspace
        self.more = more
        self.temp = root / "temp"
        self.output, self.summary = root / "output", root / "summary.md"
        self.output.touch()
        bin_folder = self.temp / "backend-gate" / "bin"
        if "GITHUB_ACTION_PATH" in more:
            self.temp.mkdir()
            return
        bin_folder.mkdir(parents=True)
        gate = bin_folder / "backend-gate"
        gate.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m backend_gate "$@"\n')
        gate.chmod(0o755)

    def step(self, name: str, **values: str) -> subprocess.CompletedProcess[str]:
        """A finished step; ``values`` stand for what is between ``${{`` and ``}}``."""
        (step,) = [step for step in _action()["runs"]["steps"] if step["name"] == name]
        env = {
            key: re.sub(r"\$\{\{ (.+?) \}\}", lambda found: values[found[1].replace(".", "_")], value)
            for key, value in step["env"].items()
        }
        assert "${{" not in step["run"]
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=self.workspace,
            env=environment(
                RUNNER_TEMP=str(self.temp),
                GITHUB_OUTPUT=str(self.output),
                GITHUB_STEP_SUMMARY=str(self.summary),
                **self.more,
                **env,
            ),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def judge(self, path: str = ".", args: str = "", summary: str = "true") -> dict[str, str]:
        """The outputs of the step that judges."""
        done = self.step("Judge the backend", inputs_path=path, inputs_args=args, inputs_summary=summary)
        assert done.returncode == 0, done.stderr
        self.log = done.stdout
        return dict(line.split("=", 1) for line in self.output.read_text().splitlines())


def test_the_action_annotates_reports_and_fails(tmp_path: Path) -> None:
    workspace = make_backend(tmp_path / "with space")
    runner = Runner(tmp_path, workspace)
    outputs = runner.judge(args="--select untyped-request-body\n--strict")
    assert outputs["exit-code"] == "1"
    assert runner.log.startswith("::error title=BG201 untyped-request-body,file=shop/main.py,line=7,")
    assert json.loads(Path(outputs["sarif"]).read_text("utf-8"))["runs"][0]["results"]
    assert runner.summary.read_text("utf-8").startswith("## Fails: 1 error in 1 file.")
    assert runner.step("Pass or fail", **{"steps_judge_outputs_exit-code": "1"}).returncode == 1


def test_the_action_passes_and_takes_several_folders(tmp_path: Path) -> None:
    workspace = tmp_path / "work"
    make_backend(workspace / "a b", TYPED)
    make_backend(workspace / "c", TYPED)
    runner = Runner(tmp_path, workspace)
    outputs = runner.judge(path="a b\nc\n", args="--select untyped-request-body", summary="false")
    assert outputs["exit-code"] == "0"
    assert not runner.summary.exists()
    assert runner.step("Pass or fail", **{"steps_judge_outputs_exit-code": "0"}).returncode == 0


def test_the_action_runs_nothing_that_an_input_names(tmp_path: Path) -> None:
    runner = Runner(tmp_path, make_backend(tmp_path / "work", UNTYPED))
    outputs = runner.judge(path="$(touch pwned)", args="; touch pwned")
    assert outputs == {"exit-code": "2"}
    assert not (tmp_path / "work" / "pwned").exists()
    assert runner.step("Pass or fail", **{"steps_judge_outputs_exit-code": "2"}).returncode == 2


def test_the_action_runs_what_it_has_installed(tmp_path: Path) -> None:
    """With a package of the command alone, as there is no network."""
    source, _ = hook_source(tmp_path / "with space")
    known = {key: developer(tmp_path)[key] for key in ("PYTHONPATH", "PIP_NO_INDEX")}
    runner = Runner(tmp_path, make_backend(tmp_path / "work"), GITHUB_ACTION_PATH=str(source), **known)
    done = runner.step("Install backend-gate", **{"steps_python_outputs_python-path": sys.executable})
    assert done.returncode == 0, done.stderr
    assert runner.judge(args="--select untyped-request-body")["exit-code"] == "1"
    assert "untyped-request-body" in runner.log


def test_the_action_installs_the_gate_and_pins_what_it_uses() -> None:
    steps = _action()["runs"]["steps"]
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in steps if "uses" in step)
    (install,) = [step["run"] for step in steps if step["name"] == "Install backend-gate"]
    assert '"$GITHUB_ACTION_PATH"' in install


def test_nothing_of_the_environment_is_needed_but_the_runner() -> None:
    used = set(re.findall(r"\$([A-Z_]+)", (ROOT / "action.yml").read_text("utf-8")))
    known = {"RUNNER_TEMP", "GITHUB_ACTION_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"}
    own = {key for step in _action()["runs"]["steps"] for key in step.get("env", {})}
    assert used <= known | own
