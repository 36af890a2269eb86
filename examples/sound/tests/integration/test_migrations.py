"""The migrations make the tables that the models describe, and take them away again."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from members.models import Base

ROOT = Path(__file__).parents[2]


def test_upgrade_and_downgrade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "members.db"
    monkeypatch.setenv("MEMBERS_DATABASE_URL", f"sqlite+aiosqlite:///{file}")
    monkeypatch.setenv("MEMBERS_SECRET_KEY", "for tests only, thirty-two characters")
    config = Config(ROOT / "alembic.ini")
    engine = create_engine(f"sqlite:///{file}")

    command.upgrade(config, "head")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []

    command.downgrade(config, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
