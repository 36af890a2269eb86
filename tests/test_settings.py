"""The configuration: what is read, from where, and how a mistake is reported."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_gate.errors import SettingsError
from backend_gate.settings import Settings, boundary, load_settings, settings_of
from backend_gate.toml_positions import key_lines

KEYS = {
    "include", "exclude", "select", "ignore", "fail-on", "strict", "profile", "public", "guards",
    "applications", "routers",
    "vocabulary", "roots", "min-resolved", "suites", "require-coverage", "changed-coverage", "test",
    "max-complexity", "min-maintainability",
    "baseline",
}  # fmt: skip


def write(folder: Path, text: str, name: str = "pyproject.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def wrong(folder: Path, text: str, name: str = "pyproject.toml") -> SettingsError:
    """The error that a configuration gives."""
    write(folder, text, name)
    with pytest.raises(SettingsError) as caught:
        load_settings(folder)
    return caught.value


FULL = """\
[project]
name = "shop"

[tool.backend-gate]
include = ["app/"]
exclude = ["app/legacy/"]
select = ["BG101"]
ignore = ["endpoint-errors-unhandled"]
fail-on = "warning"
strict = true
profile = "handoff"
guards = ["corp.auth.require_user"]
vocabulary = ["gate/corp.yaml"]
roots = ["./app/"]
min-resolved = 1
baseline = "gate/known.toml"

[[tool.backend-gate.public]]
path = "/health"
methods = ["get", "HEAD"]
reason = "load balancer"

[[tool.backend-gate.public]]
path = "/docs"
reason = "public documentation"
"""


def test_every_key_is_read(tmp_path: Path) -> None:
    write(tmp_path / "gate", "", "corp.yaml")
    (tmp_path / "app").mkdir()
    file = write(tmp_path, FULL)

    settings = load_settings(tmp_path)

    assert settings.include == ("app/",)
    assert settings.exclude == ("app/legacy/",)
    assert settings.select == ("BG101",)
    assert settings.ignore == ("endpoint-errors-unhandled",)
    assert settings.fail_on == "warning"
    assert settings.strict is True
    assert settings.profile == "handoff"
    assert settings.guards == ("corp.auth.require_user",)
    assert settings.vocabulary == (tmp_path / "gate" / "corp.yaml",)
    assert settings.roots == ("app",)
    assert settings.min_resolved == 1.0
    assert settings.baseline == tmp_path / "gate" / "known.toml"
    assert (settings.base, settings.source) == (tmp_path, file)
    assert [(route.path, route.methods, route.reason, route.line) for route in settings.public] == [
        ("/health", ("GET", "HEAD"), "load balancer", 18),
        ("/docs", (), "public documentation", 23),
    ]


def test_own_file_holds_the_same_without_the_prefix(tmp_path: Path) -> None:
    write(tmp_path, 'fail-on = "info"\n[[public]]\npath = "/x"\nreason = "r"\n', "backend-gate.toml")

    settings = load_settings(tmp_path)

    assert settings.fail_on == "info"
    assert settings.public[0].line == 2


def test_defaults_without_any_configuration(tmp_path: Path) -> None:
    write(tmp_path, '[project]\nname = "x"\n')

    settings = load_settings(tmp_path / "main.py")

    assert settings == Settings(base=tmp_path)
    assert (settings.fail_on, settings.strict, settings.profile, settings.min_resolved) == (
        "error",
        False,
        "check",
        0.95,
    )


def test_every_field_but_the_place_has_a_key(tmp_path: Path) -> None:
    fields = {name.replace("_", "-") for name in Settings.__struct_fields__} - {"base", "source"}

    assert fields == KEYS
    error = wrong(tmp_path, "[tool.backend-gate]\nzzzz = 1\n")
    assert all(key in error.hint for key in KEYS)


def test_nearest_configuration_counts_alone(tmp_path: Path) -> None:
    write(tmp_path, '[tool.backend-gate]\nstrict = true\nfail-on = "info"\n')
    write(tmp_path / "service", "strict = false\n", "backend-gate.toml")
    deep = tmp_path / "service" / "app" / "api"
    deep.mkdir(parents=True)

    assert load_settings(deep).source == tmp_path / "service" / "backend-gate.toml"
    assert load_settings(deep).fail_on == "error"
    assert load_settings(tmp_path).fail_on == "info"


def test_a_pyproject_without_the_table_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "[tool.backend-gate]\nstrict = true\n")
    write(tmp_path / "service", '[project]\nname = "service"\n')

    assert load_settings(tmp_path / "service").strict is True


@pytest.mark.parametrize("marker", ["folder", "file"])
def test_nothing_above_the_repository_is_read(tmp_path: Path, marker: str) -> None:
    write(tmp_path, "[tool.backend-gate]\nstrict = true\n")
    repository = tmp_path / "repository"
    (repository / "app").mkdir(parents=True)
    if marker == "folder":
        (repository / ".git").mkdir()
    else:
        (repository / ".git").write_text("gitdir: elsewhere\n", encoding="utf-8")

    assert load_settings(repository / "app").source is None
    assert boundary(repository / "app") == repository


def test_broken_toml_of_somebody_else_does_not_concern_the_gate(tmp_path: Path) -> None:
    write(tmp_path, "[project\n")

    assert load_settings(tmp_path).source is None


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ('failon = "error"', '"failon" is no setting', 'Did you mean "fail-on"?'),
        ('fail_on = "error"', '"fail_on" is no setting', 'Did you mean "fail-on"?'),
        ('Guard = ["a.b"]', '"Guard" is no setting', 'Did you mean "guards"?'),
        ('fail-on = "eror"', 'fail-on is "eror"', 'Did you mean "error"?'),
        ("fail-on = 1", "fail-on is a number", '"warning"'),
        ('profile = "strict"', 'profile is "strict"', '"handoff"'),
        ("strict = 1", "strict is a number", "strict = true or false"),
        ('strict = "yes"', "strict is a string", "strict = true or false"),
        ('include = "app"', "include is a string", 'include = ["app"]'),
        ("exclude = [1]", "exclude holds a number", "quotation marks"),
        ('exclude = ["!"]', '"!" is no pattern', ".gitignore"),
        ('exclude = [" "]', "exclude holds an empty string", "Take it out"),
        ("select = {}", "select is a table", "list of strings"),
        ("select = 2024-01-01", "select is a date or time", "list of strings"),
        ('guards = ["require_user"]', "lacks its module", "corp.auth.require_user"),
        ('guards = ["corp/auth"]', "no qualified name", "corp.auth"),
        ("min-resolved = 95", "min-resolved is 95", "between 0 and 1"),
        ("min-resolved = true", "min-resolved is", "between 0 and 1"),
        ("min-resolved = nan", "min-resolved is nan", "between 0 and 1"),
        ('roots = ["nowhere"]', 'there is no folder "nowhere"', "relative to pyproject.toml"),
        ('roots = ["../"]', "leads out of the project", "beside or below"),
        ('vocabulary = ["v.yaml"]', 'there is no file "v.yaml"', "relative to pyproject.toml"),
        (f'vocabulary = ["{"v" * 300}"]', 'there is no file "vvv', "relative to pyproject.toml"),
        (f'roots = ["{"r" * 300}"]', 'there is no folder "rrr', "relative to pyproject.toml"),
        ('vocabulary = ["../../v.yaml"]', "leads out of the repository", "Copy"),
        ("baseline = true", "baseline is a boolean", "baseline = "),
        ('baseline = "../../b.toml"', "leads out of the repository", "Keep"),
        ('baseline = "."', "is a folder", "Name a file"),
        ("public = true", "public is a boolean", "[[tool.backend-gate.public]]"),
        ('public = ["/x"]', "public is an array", "[[tool.backend-gate.public]]"),
        ('public = [{reason = "r"}]', "lacks its path", 'path = "…"'),
        ('public = [{path = "/x"}]', "lacks its reason", "why anybody may call it"),
        ('public = [{path = "/x", reason = " "}]', "reason is empty", "why anybody may call it"),
        ('public = [{path = "/x", reason = 1}]', "reason is a number", "reason"),
        ('public = [{path = "x", reason = "r"}]', 'path is "x"', '"/x"'),
        ('public = [{path = "/x", reason = "r", method = []}]', '"method" is no setting', '"methods"'),
        ('public = [{path = "/x", reason = "r", methods = ["GTE"]}]', '"GTE" is no method', '"GET"'),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, line: str, message: str, hint: str) -> None:
    error = wrong(tmp_path, f"[project]\nname = 'x'\n\n[tool.backend-gate]\n# a comment\n{line}\n")

    assert error.file == str(tmp_path / "pyproject.toml")
    assert error.line == 6
    assert message in error.message
    assert hint in error.hint


def test_the_line_is_that_of_the_item_not_of_its_list(tmp_path: Path) -> None:
    error = wrong(tmp_path, '[tool.backend-gate]\nguards = [\n  "a.b",\n  # why\n  "c",\n]\n')

    assert error.line == 5


def test_the_line_of_a_second_public_route(tmp_path: Path) -> None:
    text = '[[public]]\npath = "/a"\nreason = "r"\n\n[[public]]\npath = "/b"\n'

    assert wrong(tmp_path, text, "backend-gate.toml").line == 5


def test_a_table_is_asked_for(tmp_path: Path) -> None:
    error = wrong(tmp_path, "[tool]\nbackend-gate = 1\n")

    assert (error.line, error.message) == (2, "tool.backend-gate is a number")


def test_two_configurations_in_one_folder_are_one_too_many(tmp_path: Path) -> None:
    write(tmp_path, "", "backend-gate.toml")
    error = wrong(tmp_path, "[tool.backend-gate]\n")

    assert "backend-gate.toml" in error.message
    assert error.line == 1


@pytest.mark.parametrize(
    ("text", "line"),
    [("strict = \n", 1), ('a = 1\nstrict = "x\n', 2), ("a = 1\na = 2\n", 2), ("[a]\nb = [1,\n\n", 3)],
)
def test_broken_toml_has_its_line(tmp_path: Path, text: str, line: int) -> None:
    error = wrong(tmp_path, text, "backend-gate.toml")

    assert "is not valid TOML" in error.message
    assert error.line == line


def test_text_that_is_not_utf8_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "backend-gate.toml").write_bytes(b"strict = true\n# \xff\n")
    with pytest.raises(SettingsError, match="is not UTF-8") as caught:
        load_settings(tmp_path)

    assert caught.value.line == 2


def test_a_bomb_is_an_error_not_a_crash(tmp_path: Path) -> None:
    error = wrong(tmp_path, "a = " + "[" * 100_000, "backend-gate.toml")

    assert "nested too deeply" in error.message


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    error = wrong(tmp_path, "#" * (5 * 1024 * 1024), "backend-gate.toml")

    assert "larger than 4 MiB" in error.message


def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "elsewhere", "strict = true\n", "secret.toml")
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "backend-gate.toml").symlink_to(secret)

    with pytest.raises(SettingsError, match="link out of the repository"):
        load_settings(repository)


def test_a_link_inside_the_repository_is_fine(tmp_path: Path) -> None:
    shared = write(tmp_path, "strict = true\n", "shared.toml")
    (tmp_path / ".git").mkdir()
    service = tmp_path / "service"
    service.mkdir()
    (service / "backend-gate.toml").symlink_to(shared)

    assert settings_of(service) is not None


@pytest.mark.parametrize("target", ["nowhere.toml", "backend-gate.toml", "pipe"])
def test_a_link_to_no_file_is_an_error_and_not_waited_for(tmp_path: Path, target: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "backend-gate.toml").symlink_to(target)

    with pytest.raises(SettingsError, match="cannot be read"):
        settings_of(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    file = write(tmp_path, "", "backend-gate.toml")
    file.chmod(0)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    with pytest.raises(AttributeError):
        settings.strict = True  # type: ignore[misc]
    assert msgspec.structs.replace(settings, strict=True).strict is True


TOML = """\
top = 1  # a comment

[a."b c".d]
x.y = [1,
  2, { z = 3 }]

[[list]]
[list.inner]
k = 0
[[list]]
k = 0
"quoted\\u0041" = ''
"""


def test_lines_of_keys() -> None:
    lines = key_lines(TOML.encode())

    assert lines["top",] == 1
    assert lines["a",] == lines["a", "b c"] == lines["a", "b c", "d"] == 3
    assert lines["a", "b c", "d", "x", "y"] == lines["a", "b c", "d", "x", "y", 0] == 4
    assert lines["a", "b c", "d", "x", "y", 2, "z"] == 5
    assert lines["list", 0] == 7
    assert lines["list", 0, "inner"] == 8
    assert lines["list", 0, "inner", "k"] == 9
    assert lines["list", 1, "k"] == 11
    assert lines["list", 1, "quotedA"] == 12


@given(
    before=st.lists(
        st.sampled_from(["", "# note", "[project]", 'description = """\na\nb"""']), max_size=4, unique=True
    ),
    valid=st.lists(
        st.sampled_from(["strict = true", "select = [\n  'a',\n]", "ignore = []"]), max_size=3, unique=True
    ),
)
def test_the_line_is_right_whatever_stands_around(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], valid: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("settings")
    text = "\n".join([*before, "[tool.backend-gate]", *valid, "wrong-key = 1", ""])

    error = wrong(folder, text)

    assert text.splitlines()[(error.line or 0) - 1] == "wrong-key = 1"
