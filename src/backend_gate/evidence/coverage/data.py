"""Reads coverage.py's own data files with the library, in the worker process.

The project's coverage configuration can name plugins, which are code, and files to write. It is read by one
``Coverage`` object that does nothing else; the handful of settings that shape a report are copied to another one,
which never sees the configuration.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any

import coverage
import msgspec
from coverage.data import CoverageData
from coverage.exceptions import CoverageException, DataError
from coverage.files import PathAliases

from backend_gate.evidence.coverage.fresh import fits_trace
from backend_gate.evidence.coverage.locate import locate
from backend_gate.evidence.coverage.model import LeftOut
from backend_gate.evidence.coverage.reports import Report, ReportError, read_json

MAGIC = b"SQLite format 3\x00"

# What `coverage report` takes from the configuration, as far as it shapes numbers.
_OPTIONS = (
    "report:exclude_lines",
    "report:partial_branches",
    "report:partial_branches_always",
    "report:include",
    "report:omit",
)
_WRONG_SCHEMA = re.compile(r"wrong schema: (\d+) instead of (\d+)")


class ReportOptions:
    """What the project's configuration of coverage.py says about reports. Reading it runs no code of it.

    The working directory has to be the project's: relative patterns start there.
    """

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self._project = coverage.Coverage(config_file=True, data_file=None)
            except CoverageException as error:
                raise ReportError(f"the project's coverage configuration is wrong: {error}") from error

    def reporter(self, data_file: str | None) -> coverage.Coverage:
        """A ``Coverage`` for reports with these options, without plugins."""
        made = coverage.Coverage(config_file=False, data_file=data_file)
        for option in _OPTIONS:
            made.set_option(option, self._project.get_option(option))
        return made

    @property
    def contexts(self) -> tuple[str, ...]:
        """The contexts that the project's reports are limited to."""
        return tuple(self._list("report:contexts"))

    @property
    def concurrency(self) -> frozenset[str]:
        """The kinds of concurrency that the measuring is told of."""
        return frozenset(self._list("run:concurrency"))

    @property
    def paths(self) -> dict[str, list[str]]:
        """Names of folders with the paths that mean the same; the first one is the local one."""
        paths: Any = self._project.get_option("paths")
        return dict(paths or {})

    def _list(self, option: str) -> list[str]:
        value: Any = self._project.get_option(option)
        return [str(item) for item in value or []]


def read_data(
    sources: Sequence[Path], files: Container[str], options: ReportOptions, contexts: tuple[str, ...]
) -> tuple[Report, list[LeftOut], list[str]]:
    """The report on one or several data files together, what is left out of it, and files that have changed.

    The working directory is the project's folder, which ``files`` are relative to. ``contexts`` are regular
    expressions; without any, those of the project's configuration hold.

    Raises:
        ReportError: a file is no data of coverage.py, or of a version that cannot be read.
    """
    contexts = contexts or options.contexts
    with tempfile.TemporaryDirectory(prefix="backend-gate-") as scratch:
        combined = CoverageData(basename=str(Path(scratch, "combined")))
        try:
            left_out: list[LeftOut] = []
            for number, source in enumerate(sources):
                copy = str(Path(scratch, f"data-{number}"))
                shutil.copyfile(source, copy)  # SQLite writes beside what it reads
                left_out += _add(combined, copy, files, options)
            ours = sorted(name for name in combined.measured_files() if os.path.relpath(name) in files)
            if not ours:
                raise ReportError(_nothing(left_out), "Measure again, or name the data of this project")
            reporter = options.reporter(combined.data_filename())
            report, reported = _json(reporter, ours, str(Path(scratch, "report.json")), contexts)
            left_out += _unparsed(reporter, sorted(set(ours) - reported))
            stale = [name for name in sorted(reported) if not _fits(combined, name)]
            entered = _entered(combined, reported, contexts)
        finally:
            combined.close(force=True)
    report.files = [
        msgspec.structs.replace(file, entered=entered.get(_absolute(file.path))) for file in report.files
    ]
    return report, left_out, [_relative(name) for name in stale]


def entered_lines(source: Path, files: Container[str], options: ReportOptions) -> dict[str, tuple[int, ...]]:
    """The first lines of functions that began to run, by file of the project; empty without branches.

    Raises:
        ReportError: as :func:`read_data`.
    """
    with tempfile.TemporaryDirectory(prefix="backend-gate-") as scratch:
        combined = CoverageData(basename=str(Path(scratch, "combined")))
        try:
            copy = str(Path(scratch, "data"))
            shutil.copyfile(source, copy)
            _add(combined, copy, files, options)
            found = _entered(combined, combined.measured_files(), ())
        finally:
            combined.close(force=True)
    return {_relative(name): lines for name, lines in found.items()}


UNPARSABLE = (CoverageException, SyntaxError)
"""How coverage.py says that it cannot parse a file; the second, where the file declares a wrong encoding."""


def unparsable(error: Exception) -> str:
    """Why the running Python could not analyse a file, in a clause."""
    version = ".".join(str(part) for part in sys.version_info[:2])
    detail = str(error).partition("as Python source: ")[2] or str(error)
    return (
        f"Python {version}, which runs backend-gate, cannot parse it ({detail}): "
        "it needs the report of the project's own interpreter (coverage json --show-contexts)"
    )


def _add(combined: CoverageData, copy: str, files: Container[str], options: ReportOptions) -> list[LeftOut]:
    """Add a data file under the absolute paths of the project's files; what belongs to nobody keeps its name."""
    data = CoverageData(basename=copy)
    try:
        data.read()
        aliases = _aliases(options)
        names = {name: aliases.map(name) for name in data.measured_files()}
        tracers = {name: data.file_tracer(name) for name in names}
        known = locate(names.values(), files, Path.cwd().as_posix())
        left_out = []
        mapping: dict[str, str] = {}
        for name, path in sorted(names.items()):
            if tracers[name]:
                reason = f"the plugin {tracers[name]} measured it: it needs a report (coverage json)"
                left_out.append(LeftOut(name, reason))
            elif path in known:
                mapping[name] = _absolute(known[path])
            else:
                left_out.append(LeftOut(name, "no file of this project"))
        combined.update(data, map_path=lambda name: mapping.get(name, f"<{name}>"))
    except DataError as error:
        raise _unusable(error) from error
    finally:
        data.close(force=True)
    return left_out


def _aliases(options: ReportOptions) -> PathAliases:
    """The ``[paths]`` of the project's configuration."""
    aliases = PathAliases(relative=False)
    for paths in options.paths.values():
        for pattern in paths[1:]:
            aliases.add(pattern, paths[0])
    return aliases


def _unusable(error: DataError) -> ReportError:
    schema = _WRONG_SCHEMA.search(str(error))
    if schema:
        theirs, ours = int(schema[1]), int(schema[2])
        age = "an older" if theirs < ours else "a newer"
        return ReportError(
            f"it was written by {age} coverage.py (schema {theirs}; version {coverage.__version__} reads {ours})",
            "Write a report with the version that measured: coverage json --show-contexts",
        )
    if "Can't combine" in str(error):
        return ReportError(
            "some of its data files measured branches and some did not", "Measure all with the same settings"
        )
    reason = str(error).rsplit(": ", 1)[-1]
    return ReportError(f"it is no intact data file of coverage.py ({reason})", "Measure again")


def _nothing(left_out: Sequence[LeftOut]) -> str:
    if not left_out:
        return "the coverage data is empty"
    return f"the coverage data measured no file of this project, but others such as {left_out[0].path}"


def _json(
    reporter: coverage.Coverage, names: Sequence[str], file: str, contexts: tuple[str, ...]
) -> tuple[Report, set[str]]:
    """The report of coverage.py itself, so that the totals are its own, and the files in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # files that cannot be parsed; they are named elsewhere
        reporter.load()
        try:
            reporter.json_report(
                list(names),
                outfile=file,
                ignore_errors=True,
                contexts=list(contexts) or None,
                show_contexts=True,
            )
        except CoverageException as error:
            raise ReportError(f"coverage.py has nothing to report ({error})", "Measure again") from error
    report = read_json(Path(file).read_bytes())
    return report, {_absolute(item.path) for item in report.files}


def _unparsed(reporter: coverage.Coverage, names: Sequence[str]) -> list[LeftOut]:
    """Those of the files that are missing in the report because nobody could parse them: others are omitted."""
    failed = []
    for name in names:
        try:
            reporter.analysis2(name)
        except UNPARSABLE as error:
            failed.append(LeftOut(_relative(name), unparsable(error)))
    return failed


def _fits(data: CoverageData, name: str) -> bool:
    arcs = (data.arcs(name) or []) if data.has_arcs() else []
    return fits_trace(Path(name).read_bytes(), data.lines(name) or [], arcs)


def _entered(
    data: CoverageData, names: Container[str], contexts: tuple[str, ...]
) -> dict[str, tuple[int, ...]]:
    """Where code objects were entered: an arc from a negative line comes from outside."""
    if not data.has_arcs():
        return {}
    data.set_query_contexts(list(contexts) or None)
    return {
        name: tuple(sorted({-start for start, _ in data.arcs(name) or [] if start < 0}))
        for name in data.measured_files()
        if name in names
    }


def _relative(name: str) -> str:
    return os.path.relpath(name).replace(os.sep, "/")


def _absolute(path: str) -> str:
    return str(Path.cwd() / path)
