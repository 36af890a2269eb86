"""What the configuration says about tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_gate.errors import SettingsError
from backend_gate.settings import Settings, load_settings
from backend_gate.suite_settings import DEFAULT_SUITES, PytestRun, Suite

FULL = """\
[tool.backend-gate]
require-coverage = true
changed-coverage = 90

[tool.backend-gate.test]
command = ["uv", "run"]
python = ".venv/bin/python"

[tool.backend-gate.suites.unit]
threshold = 85.5
tests = ["tests/unit", "tests/test_more.py"]

[tool.backend-gate.suites.integration]
marker = "integration and not slow"
data = "reports/integration.json"

[tool.backend-gate.suites.end-to-end]
data = [".coverage.*"]
contexts = ["^e2e$"]
"""


def load(root: Path, text: str) -> Settings:
    (root / "tests" / "unit").mkdir(parents=True, exist_ok=True)
    (root / "tests" / "test_more.py").touch()
    (root / "pyproject.toml").write_text(text, "utf-8")
    return load_settings(root)


def test_suites_are_read_in_their_order(tmp_path: Path) -> None:
    settings = load(tmp_path, FULL)

    assert settings.suites == (
        Suite("unit", 85.5, tests=("tests/unit", "tests/test_more.py"), line=9),
        Suite(
            "integration",
            70.0,
            marker="integration and not slow",
            data=("reports/integration.json",),
            line=13,
        ),
        Suite("end-to-end", 80.0, data=(".coverage.*",), contexts=("^e2e$",), line=17),
    )
    assert (settings.require_coverage, settings.changed_coverage) == (True, 90.0)
    assert settings.test == PytestRun(("uv", "run"), ".venv/bin/python")


def test_the_standard_holds_where_nothing_is_said() -> None:
    assert Settings().suites == DEFAULT_SUITES
    assert [(suite.name, suite.threshold) for suite in DEFAULT_SUITES] == [
        ("unit", 80.0),
        ("integration", 70.0),
    ]


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("[tool.backend-gate]\nsuites = 3", 2, "suites is a number", "a table for each suite"),
        ("[tool.backend-gate.suites]\nunit = 80", 2, "the suite unit is a number", "as a table"),
        ("[tool.backend-gate.suites.Unit]", 1, '"Unit" is no name of a suite', "lower-case"),
        ("[tool.backend-gate.suites.unit]\nthreshhold = 1", 2, '"threshhold" is no setting in suites.unit',
         'Did you mean "threshold"?'),
        ("[tool.backend-gate.suites.unit]\n\nthreshold = 101", 3, "threshold is 101", "between 0 and 100"),
        ("[tool.backend-gate.suites.unit]\nthreshold = true", 2, "threshold is a boolean", "percentage"),
        ("[tool.backend-gate.suites.unit]\ntests = [\n  'tests/unit',\n  'tests/none']", 4,
         'there is no file or folder "tests/none"', "relative to pyproject.toml"),
        ("[tool.backend-gate.suites.unit]\ntests = '../x'", 2, "leads out of the project", "this project"),
        ("[tool.backend-gate.suites.unit]\ndata = '/tmp/x'", 2, "no name below the project", "relative"),
        ("[tool.backend-gate.suites.unit]\ndata = 'a/../../x'", 2, "no name below the project", "relative"),
        ("[tool.backend-gate.suites.unit]\ndata = 3", 2, "data is a number", "list of strings"),
        ("[tool.backend-gate.suites.unit]\nmarker = '-p evil'", 2, 'marker is "-p evil"', "pytest markers"),
        ("[tool.backend-gate.suites.unit]\nmarker = 1", 2, "marker is a number", "string"),
        ("[tool.backend-gate.suites.unit]\ncontexts = '('", 2, "is no regular expression", "--contexts"),
        ("[tool.backend-gate]\nchanged-coverage = 'all'", 2, "changed-coverage is a string", "percentage"),
        ("[tool.backend-gate]\ntest = 'pytest'", 2, "test is a string", "[tool.backend-gate.test]"),
        ("[tool.backend-gate.test]\ncomand = []", 2, '"comand" is no setting in test', 'Did you mean "command"?'),
        ("[tool.backend-gate.test]\ncommand = 'uv run'", 2, "command is a string", 'command = ["uv run"]'),
    ],
)  # fmt: skip
def test_a_mistake_is_an_error_at_its_line(
    tmp_path: Path, text: str, line: int, message: str, hint: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)

    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.line == line
