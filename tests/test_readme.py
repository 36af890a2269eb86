"""What the README prints is what happens."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from backend_gate.cli.main import main
from backend_gate.settings import load_settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

SAMPLES = re.findall(r"```console\n\$ backend-gate (.*)\n([\s\S]*?)```", README)


@pytest.mark.parametrize(("command", "shown"), SAMPLES, ids=[command for command, _ in SAMPLES])
def test_the_output_shown_is_real(
    command: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """``…`` on a line of its own leaves lines out; all others appear as shown, in this order."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")

    main(shlex.split(command))

    printed = "\n".join(line.rstrip() for line in capsys.readouterr().out.splitlines())
    position = 0
    for part in re.split(r"^…\n", shown, flags=re.MULTILINE):
        block = "\n".join(line.rstrip() for line in part.strip("\n").splitlines())
        found = printed.find(block, position)
        assert found >= 0, f"the README shows\n{block}\nbut this is printed:\n{printed}"
        position = found + len(block)


def test_there_are_samples_of_both_reports() -> None:
    assert {command.split()[0] for command, _ in SAMPLES} == {"check", "routes"}


def test_the_configuration_shown_is_valid(tmp_path: Path) -> None:
    block = "\n".join(re.findall(r"```toml\n([\s\S]*?)```", README))
    (tmp_path / "pyproject.toml").write_text(block, encoding="utf-8")
    (tmp_path / "tests" / "unit").mkdir(parents=True)

    settings = load_settings(tmp_path)

    table = tomllib.loads(block)["tool"]["backend-gate"]
    assert settings.guards == tuple(table["guards"])
    assert [route.path for route in settings.public] == ["/prices"]
    assert [suite.name for suite in settings.suites] == ["unit", "integration"]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("https://"):
            assert (ROOT / target).exists(), f"{name} links to {target}"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_make_targets_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = set(re.findall(r"(?:^    |`)make ([a-z-]+)", (ROOT / name).read_text("utf-8"), re.MULTILINE))

    assert shown
    assert shown <= targets
