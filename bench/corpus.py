"""The real backends that the gate is measured on: names, versions, and where their sources lie.

Sources are never committed and never installed: ``pip download`` fetches the named version, and the
archive is unpacked into a cache folder. A folder that already holds the sources serves as well.
"""

from __future__ import annotations

import argparse
import dataclasses
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

DEFAULT_CACHE = Path(".bench-cache")


class CorpusError(Exception):
    """A backend's source cannot be had; the message says which and what to do."""


@dataclasses.dataclass(frozen=True)
class Subject:
    """One backend at one version.

    ``folder`` is the name of its unpacked source. ``project`` is the distribution on the package
    index, or ``owner/name`` of a repository for backends that are not published (``published`` is
    false): their source has to be given. ``measured`` says whether it belongs to the measurements;
    ``truth`` names the file in ``bench/oracle/truth`` that holds what the framework says. ``together``
    are distributions of the same version that make up the backend with ``project``. ``planted``: faults are
    planted in it although it is not measured, for what the measured ones do not have.
    """

    name: str
    version: str
    folder: str
    project: str
    published: bool = True
    measured: bool = True
    truth: str | None = None
    labelled: bool = False
    planted: bool = False
    together: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Name and version as tables print them."""
        return f"{self.name} {self.version}"


def _asked(name: str, version: str, *together: str) -> Subject:
    """A published backend that takes part in the agreement only."""
    folder = f"{name.replace('-', '_')}-{version}"
    return Subject(name, version, folder, name, measured=False, truth=name, together=together)


def _of_repository(name: str, commit: str, project: str) -> Subject:
    """One that no package index holds, and that takes part in the agreement only."""
    return Subject(name, commit, f"{name}-{commit}", project, published=False, measured=False, truth=name)


SUBJECTS: tuple[Subject, ...] = (
    Subject(
        "fullstack",
        "68adb40d3",
        "fullstack",
        "fastapi/full-stack-fastapi-template",
        published=False,
        truth="fullstack",
        labelled=True,
    ),
    Subject(
        "mealie",
        "b5643a939",
        "mealie",
        "mealie-recipes/mealie",
        published=False,
        truth="mealie",
        labelled=True,
    ),
    Subject("lnbits", "1.6.2", "lnbits-1.6.2", "lnbits", truth="lnbits"),
    Subject("chromadb", "1.5.9", "chromadb-1.5.9", "chromadb", truth="chromadb"),
    Subject("litellm", "1.109.1", "litellm-1.109.1", "litellm"),
    Subject("airflow", "3.3.2", "apache_airflow_core-3.3.2", "apache-airflow-core"),
    Subject("prefect", "3.9.1", "prefect-3.9.1", "prefect"),
    Subject("open-webui", "0.12.4", "open_webui-0.12.4", "open-webui", truth="open-webui"),
    Subject("mlflow", "3.18.0", "mlflow-3.18.0", "mlflow"),
    Subject("prefect", "3.7.2", "prefect-3.7.2", "prefect", measured=False, truth="prefect"),
    _asked("argilla-server", "2.8.0"),
    # The one that guards routers where it includes them, in the way of the framework's handbook.
    dataclasses.replace(_asked("freqtrade", "2026.9"), planted=True),
    _asked(
        "titiler-application",
        "2.4.0",
        "titiler-core",
        "titiler-extensions",
        "titiler-mosaic",
        "titiler-xarray",
    ),
    _asked("arize-phoenix", "20.26.1"),
    _asked("cognee", "1.6.5"),
    _asked("datajunction-server", "0.0.272"),
    _asked("dstack", "0.22.5"),
    _asked("zenml", "0.98.0"),
    _asked("skypilot", "0.14.1"),
    _asked("mcp-contextforge-gateway", "1.1.0"),
    _asked("opal-server", "0.9.9", "opal-common"),
    _asked("diracx-routers", "0.7.0", "diracx-core", "diracx-db", "diracx-logic", "diracx-tasks"),
    _asked(
        "galaxy-web-apps",
        "26.1.2",
        "galaxy-app",
        "galaxy-data",
        "galaxy-schema",
        "galaxy-util",
        "galaxy-web-framework",
    ),
    _asked("fractal-server", "2.26.0"),
    _asked("fief-server", "0.30.0"),
    _asked("tiled", "0.2.20"),
    _asked("optimade", "1.5.0"),
    _asked("basic-memory", "0.24.1"),
    _of_repository("ayon-backend", "16b514a7", "ynput/ayon-backend"),
    _of_repository("azure-tre", "3b773995f", "microsoft/AzureTRE"),
    _of_repository("fastapi-clean-example", "9271723", "ivan-borovets/fastapi-clean-example"),
    _of_repository("fastapi-boilerplate", "61d84fa", "igorbenav/FastAPI-boilerplate"),
    _of_repository("cognita", "8bcaae7", "truefoundry/cognita"),
    _of_repository("dispatch", "dd2837e82", "Netflix/dispatch"),
    _of_repository("romm", "57badfd62", "rommapp/romm"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where sources are and which of them to use."""
    parser.add_argument(
        "--corpus", type=Path, metavar="DIR", help="folder with unpacked sources (DIR/NAME-VERSION)"
    )
    parser.add_argument(
        "--cache",
        type=Path,
        default=DEFAULT_CACHE,
        metavar="DIR",
        help="where missing sources are downloaded to (default: %(default)s)",
    )
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="the source of one backend, for those that no package index holds",
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="only this backend (repeatable)"
    )
    parser.add_argument("--offline", action="store_true", help="download nothing")


def chosen(subjects: Iterable[Subject], only: Sequence[str]) -> list[Subject]:
    """The subjects named in ``only`` (by name, or ``name-version``), all if it is empty.

    Raises :class:`CorpusError` for a name that is no subject.
    """
    pool = list(subjects)
    known = {s.name for s in pool} | {f"{s.name}-{s.version}" for s in pool}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise CorpusError(f"no backend is called {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    return [s for s in pool if not only or s.name in only or f"{s.name}-{s.version}" in only]


def sources(args: argparse.Namespace, subjects: Iterable[Subject]) -> list[tuple[Subject, Path]]:
    """Where each chosen subject's source lies, downloading what is missing.

    A subject whose source cannot be had is named on stderr and left out. Raises
    :class:`CorpusError` when nothing is left.
    """
    given: dict[str, Path] = {}
    for item in args.source:
        name, equals, folder = item.partition("=")
        if not equals:
            raise CorpusError(f"--source {item}: write NAME=DIR")
        given[name] = Path(folder)
    found: list[tuple[Subject, Path]] = []
    for subject in chosen(subjects, args.only):
        try:
            path = locate(subject, args.corpus, args.cache, given.get(subject.name), offline=args.offline)
        except CorpusError as error:
            print(f"left out: {error}", file=sys.stderr)
        else:
            found.append((subject, path))
    if not found:
        raise CorpusError("no backend to work on")
    return found


def locate(subject: Subject, corpus: Path | None, cache: Path, given: Path | None, *, offline: bool) -> Path:
    """The folder that holds the subject's source; raises :class:`CorpusError` if it cannot be had."""
    if given is not None:
        if not given.is_dir():
            raise CorpusError(f"{subject.title}: {given} is no folder")
        return given
    for base in ([] if corpus is None else [corpus, corpus / "src"]) + [cache / "src"]:
        if (base / subject.folder).is_dir():
            return base / subject.folder
    if not subject.published:
        raise CorpusError(
            f"{subject.title}: not on a package index; check {subject.project} out at {subject.version} "
            f"and pass --source {subject.name}=DIR"
        )
    if offline:
        raise CorpusError(f"{subject.title}: not in the cache, and --offline was given")
    return download(subject, cache)


def download(subject: Subject, cache: Path) -> Path:
    """Fetch the subject's wheels with pip and unpack them below ``cache``; nothing is installed."""
    archives, target = cache / "dl", cache / "src" / subject.folder
    archives.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    # The cache lies in the working tree by default: it keeps itself out of version control.
    (cache / ".gitignore").write_text("*\n")
    projects = (subject.project, *subject.together)
    with tempfile.TemporaryDirectory(dir=cache) as scratch:
        requirements = [f"{project}=={subject.version}" for project in projects]
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--ignore-requires-python",
        ]
        command += ["--only-binary", ":all:", "--dest", str(scratch), *requirements]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = sorted(Path(scratch).glob("*.whl"))
        if done.returncode or len(wheels) != len(projects):
            wanted = ", ".join(requirements)
            raise CorpusError(f"{subject.title}: pip cannot download {wanted}: {done.stderr.strip()[-400:]}")
        unpacked = Path(scratch) / "unpacked"
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(unpacked)
            wheel.replace(archives / wheel.name)
        unpacked.replace(target)
    return target


def count_python(root: Path) -> tuple[int, int]:
    """Number of Python files below ``root`` and of their lines; symbolic links are not followed."""
    files = [p for p in sorted(root.rglob("*.py")) if p.is_file() and not p.is_symlink()]
    return len(files), sum(p.read_bytes().count(b"\n") for p in files)


def main(argv: Sequence[str] | None = None) -> int:
    """List where each backend's source lies, with its size; download what is missing."""
    parser = argparse.ArgumentParser(prog="bench.corpus", description=main.__doc__)
    add_arguments(parser)
    args = parser.parse_args(argv)
    try:
        for subject, path in sources(args, SUBJECTS):
            files, lines = count_python(path)
            print(f"{subject.title:22} {files:6,} files {lines:10,} lines  {path}")
    except CorpusError as error:
        print(f"bench.corpus: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
