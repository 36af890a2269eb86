"""The totals are coverage.py's own, whatever the kind of data, on real runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import measuring
import pytest

from backend_gate.evidence.coverage.locate import locate
from backend_gate.evidence.coverage.model import Measured, Numbers, show_percent
from backend_gate.evidence.coverage.protocol import SuiteRequest

KINDS = [".coverage", "coverage.json", "coverage.xml", "coverage.lcov"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return measuring.measure(measuring.make_project(tmp_path_factory.mktemp("shop")))


@pytest.fixture(scope="module")
def found(project: Path) -> dict[str, Measured]:
    """What each kind of data says of the project."""
    suites = [SuiteRequest(kind, (str(project.resolve() / kind),)) for kind in KINDS]
    answers = measuring.answers(project, *suites).suites
    return {kind: answer.measured for kind, answer in answers.items() if answer.measured is not None}


@pytest.fixture(scope="module")
def theirs(project: Path) -> dict[str, Any]:
    """The totals that coverage.py tells itself."""
    return measuring.totals(project)


@pytest.mark.parametrize("kind", KINDS)
def test_lines_and_branches_are_counted_as_coverage_counts_them(
    found: dict[str, Measured], theirs: dict[str, Any], kind: str
) -> None:
    numbers = found[kind].numbers

    assert (numbers.statements, numbers.missing) == (theirs["num_statements"], theirs["missing_lines"])
    assert (numbers.branches, numbers.missing_branches) == (
        theirs["num_branches"],
        theirs["missing_branches"],
    )
    assert numbers.percent == theirs["percent_covered"]


@pytest.mark.parametrize("digits", [0, 1, 2, 4])
def test_percentages_are_rounded_as_coverage_rounds_them(
    project: Path, found: dict[str, Measured], digits: int
) -> None:
    numbers = found[".coverage"].numbers

    shown = measuring.coverage(project, "report", "--format=total", f"--precision={digits}").strip()
    assert show_percent(numbers.percent, digits) == shown


@pytest.mark.parametrize(
    ("covered", "shown"), [(0, "0.00"), (1, "0.01"), (99_999, "99.99"), (100_000, "100.00")]
)
def test_neither_nothing_nor_everything_comes_from_rounding(covered: int, shown: str) -> None:
    numbers = Numbers(statements=100_000, missing=100_000 - covered)

    assert show_percent(numbers.percent) == shown


def test_nothing_to_run_is_covered() -> None:
    assert Numbers().percent == 100.0


def test_files_that_nothing_imports_count(found: dict[str, Measured]) -> None:
    files = {file.path: file for file in found[".coverage"].files}

    assert set(files) == {"shop/__init__.py", "shop/prices.py", "shop/idle.py"}
    assert files["shop/idle.py"].missing == (1,)


def test_exclusions_are_honoured_and_counted(found: dict[str, Measured]) -> None:
    (file,) = [file for file in found[".coverage"].files if file.path == "shop/prices.py"]

    assert file.excluded
    assert not set(file.excluded) & {*file.executed, *file.missing}
    assert file.numbers.excluded == len(file.excluded)


def test_functions_on_one_line_are_known_by_entry(found: dict[str, Measured]) -> None:
    (file,) = [file for file in found[".coverage"].files if file.path == "shop/prices.py"]

    assert file.entered is not None
    assert 4 in file.entered, "discount ran"
    assert 11 in file.executed, "the line of tax ran: it defines tax"
    assert 11 not in file.entered, "but tax itself did not"


@pytest.mark.parametrize(
    "config",
    [
        "[run]\nsource = shop\n",
        "[run]\nbranch = true\nsource = shop\n[report]\nomit = shop/idle.py\n",
        "[run]\nbranch = true\nsource = shop\n[report]\nexclude_also =\n    def unused\n",
        "[run]\nbranch = true\nsource = shop\n[report]\npartial_branches = if total\n",
        "[run]\nbranch = true\nsource = shop\nrelative_files = true\n[report]\ninclude = shop/prices.py\n",
    ],
    ids=["lines only", "omitted", "excluded", "partial", "relative"],
)
def test_the_projects_settings_shape_the_report(tmp_path: Path, config: str) -> None:
    root = measuring.make_project(tmp_path / "shop", config)
    measuring.coverage(root, "run", "run.py")

    numbers = measuring.measured(root, ".coverage").numbers

    theirs = measuring.totals(root)
    assert numbers.percent == theirs["percent_covered"]
    assert numbers.statements == theirs["num_statements"]
    assert numbers.excluded == theirs["excluded_lines"]


def test_parallel_data_is_combined(tmp_path: Path) -> None:
    root = measuring.make_project(tmp_path / "shop")
    (root / "more.py").write_text(
        "import shop.prices\nprint(shop.prices.discount(2000), shop.prices.unused([1]))\n", "utf-8"
    )
    for script in ("run.py", "more.py"):
        measuring.coverage(root, "run", "-p", script)
    files = sorted(file.name for file in root.glob(".coverage.*"))

    numbers = measuring.measured(root, *files).numbers

    measuring.coverage(root, "combine", "-q", "--keep")
    assert len(files) == 2
    assert numbers.percent == measuring.totals(root)["percent_covered"]


def test_paths_of_the_configuration_are_mapped(tmp_path: Path) -> None:
    config = "[run]\nbranch = true\nsource = shop\n[paths]\nsource =\n    shop\n    /build/*/lib/shop\n"
    elsewhere = measuring.make_project(tmp_path / "build" / "7" / "lib", config)
    measuring.coverage(elsewhere, "run", "run.py")
    here = measuring.make_project(
        tmp_path / "here", config.replace("/build/*/lib", f"{tmp_path}/build/*/lib")
    )
    (elsewhere / ".coverage").rename(here / "data")

    numbers = measuring.measured(here, "data").numbers

    (elsewhere / "shop" / "prices.py").unlink()
    measuring.coverage(here, "combine", "-q", "--keep", "data")
    assert numbers.percent == measuring.totals(here)["percent_covered"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_project_that_was_measured_in_another_folder_is_recognised(
    project: Path, found: dict[str, Measured], kind: str, tmp_path: Path
) -> None:
    here = measuring.make_project(tmp_path / "elsewhere")
    (here / kind).write_bytes((project / kind).read_bytes())

    moved = measuring.measured(here, kind)

    assert moved.numbers == found[kind].numbers
    assert moved.left_out == ()


@pytest.mark.parametrize("root", ["src", "/home/of/shop/src"])
def test_names_of_a_report_start_at_its_sources(root: str) -> None:
    files = {"src/shop/prices.py", "run.py"}

    assert locate(["shop/prices.py"], files, "/home/of/shop", [root]) == {
        "shop/prices.py": "src/shop/prices.py"
    }


@pytest.mark.parametrize(("context", "covered"), [("^unit$", True), ("^integration$", False)])
def test_contexts_tell_suites_in_one_file_apart(project: Path, context: str, covered: bool) -> None:
    for kind in (".coverage", "coverage.json"):
        numbers = measuring.measured(project, kind, contexts=(context,)).numbers
        assert (numbers.missing < numbers.statements) is covered


def test_dynamic_contexts_tell_suites_apart_as_coverage_does(tmp_path: Path) -> None:
    config = "[run]\nbranch = true\nsource = shop\ndynamic_context = test_function\n"
    root = measuring.make_project(tmp_path / "shop", config)
    (root / "run.py").write_text(
        "from shop.prices import discount, unused\n\n"
        "def test_small():\n    discount(1)\n\ndef test_other():\n    unused([0, 1])\n\n"
        "test_small()\ntest_other()\n",
        "utf-8",
    )
    measuring.coverage(root, "run", "run.py")

    found = measuring.measured(root, ".coverage", contexts=(r"\.test_small$",))

    shown = measuring.coverage(root, "report", "--format=total", "--precision=3", r"--contexts=\.test_small$")
    assert show_percent(found.numbers.percent, 3) == shown.strip()
    (file,) = [file for file in found.files if file.path == "shop/prices.py"]
    assert file.contexts[8] == ("__main__.test_small",)
