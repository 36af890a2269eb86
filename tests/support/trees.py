"""Plants folders of files for tests of discovery."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path


def plant(root: Path, files: Mapping[str, str] | list[str]) -> Path:
    """Writes files (path to text; a list makes empty ones) below ``root`` and returns it."""
    for path, text in (files if isinstance(files, Mapping) else dict.fromkeys(files, "")).items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def git(root: Path, *arguments: str) -> str:
    """Runs git in ``root`` without the configuration of the user."""
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null", "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    done = subprocess.run(
        ["git", "-c", "core.quotePath=false", *arguments],
        cwd=root, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout
