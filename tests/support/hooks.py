"""A repository that offers the hook for pre-commit, and the environment of a developer who uses it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from repositories import repository
from running import SRC
from trees import git

_HOOKS = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"

# Makes a package with the command and nothing else, so that the environment of the hook is built by the real
# pip without a network; the code is found through PYTHONPATH.
_BUILDER = """\
import os, zipfile

INFO = "backend_gate_hook-1.dist-info"


def build_wheel(directory, config_settings=None, metadata_directory=None):
    name = "backend_gate_hook-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as wheel:
        wheel.writestr(f"{INFO}/METADATA", "Metadata-Version: 2.1\\nName: backend-gate-hook\\nVersion: 1\\n")
        wheel.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{INFO}/entry_points.txt", "[console_scripts]\\nbackend-gate = backend_gate.cli.main:main\\n")
        wheel.writestr(f"{INFO}/RECORD", "")
    return name
"""


def developer(store: Path) -> dict[str, str]:
    """The environment of somebody who has git, pre-commit and backend-gate; ``store`` is pre-commit's."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT"))}
    paths = [
        str(SRC),
        sysconfig.get_path("purelib"),
        *(path for path in sys.path if path.endswith("site-packages")),
    ]
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "PRE_COMMIT_HOME": str(store),
        "PRE_COMMIT_COLOR": "never",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", "")]),
    }


def hook_source(root: Path) -> tuple[Path, str]:
    """A repository in the new folder ``root`` that offers the hooks as this one does, and its commit."""
    repository(
        root,
        {
            ".pre-commit-hooks.yaml": _HOOKS.read_text("utf-8"),
            "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "builder"\nbackend-path = ["."]\n',
            "builder.py": _BUILDER,
        },
    )
    return root, git(root, "rev-parse", "HEAD").strip()


def run(command: list[str], root: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A finished command of the developer."""
    if command[0] == "pre-commit":
        command = [sys.executable, "-m", "pre_commit", *command[1:]]
    elif command[0] == "backend-gate":
        command = [sys.executable, "-m", "backend_gate", *command[1:]]
    return subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
