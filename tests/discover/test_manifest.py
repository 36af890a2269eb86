"""What a project says of itself in its files: the entry points that it offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_gate.discover.manifest import read_manifests
from backend_gate.discover.model import EntryPoint

OFFERED = EntryPoint("guild.services", "Mill", "guild.mill:router")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", '[project.entry-points."guild.services"]\nMill = "guild.mill:router"\n'),
        ("pyproject.toml", '[tool.poetry.plugins."guild.services"]\nMill = "guild.mill:router"\n'),
        ("setup.cfg", "[options.entry_points]\nguild.services =\n    Mill = guild.mill:router\n"),
    ],
)
def test_entry_points_stand_in_what_a_project_is_built_with(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)

    assert read_manifests(tmp_path, [name])[""].entry_points == (OFFERED,)


def test_an_unpacked_distribution_lists_its_entry_points(tmp_path: Path) -> None:
    (tmp_path / "guild-1.0.dist-info").mkdir()
    listed = "[console_scripts]\nguild = guild.cli:main\n\n[guild.services]\nMill = guild.mill:router\n"
    (tmp_path / "guild-1.0.dist-info" / "entry_points.txt").write_text(listed)

    manifest = read_manifests(tmp_path, [], [("", "guild", "guild-1.0.dist-info")])[""]

    assert manifest.entry_points == (EntryPoint("console_scripts", "guild", "guild.cli:main"), OFFERED)


def test_a_broken_file_offers_nothing(tmp_path: Path) -> None:
    (tmp_path / "guild-1.0.dist-info").mkdir()
    (tmp_path / "guild-1.0.dist-info" / "entry_points.txt").write_text("no section\n")

    assert read_manifests(tmp_path, [], [("", "guild", "guild-1.0.dist-info")])[""].entry_points == ()
