"""Asks git about a repository that nobody vouches for.

Only commands that read objects and the index are run, and with everything turned off by which a
repository's configuration could start a program: hooks, the file system monitor, filters, text
conversion, fetching of missing objects. File contents come from ``git cat-file --batch``, as they are stored.
"""

from __future__ import annotations

import enum
import itertools
import os
import re
import shlex
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from backend_gate.errors import RepositoryError

_SAFE = (
    "-c", "core.fsmonitor=false",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "core.pager=cat",
    "-c", "core.sshCommand=false",
    "-c", "core.untrackedCache=false",
    "-c", "protocol.allow=never",
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    "--literal-pathspecs",
)  # fmt: skip
_TIMEOUT = 300
_UNTRUSTED = re.compile(r"repository at '(.+)'")
_NO_GIT = "Install git, or judge the whole backend: leave --since and --staged out."


class Kind(enum.Enum):
    """What stands under a name in a tree. A submodule has a commit of another repository for its content."""

    FILE = "file"
    LINK = "link"
    SUBMODULE = "submodule"


class Entry(msgspec.Struct, frozen=True):
    """A name in a commit or in the index. ``path`` is relative to the top, as bytes are decoded by the
    file system; ``oid`` names the content. ``within`` is the submodule whose repository has the content,
    relative to the top, and empty for the repository itself."""

    path: str
    oid: str
    kind: Kind = Kind.FILE
    within: str = ""


_KINDS = {"120000": Kind.LINK, "160000": Kind.SUBMODULE}
"""By the mode that git gives a name; every other one is a file's."""


class Repository:
    """The repository around a folder.

    ``top`` is the top of its work tree (absolute, resolved).
    """

    def __init__(self, folder: Path) -> None:
        """
        Raises:
            RepositoryError: the folder is in no repository with a work tree, or git is missing or refuses.
        """
        self._folder = folder.resolve()
        self._environment = _environment()
        if self._said("--is-inside-work-tree") != "true":
            raise RepositoryError(
                f"{folder} is in no work tree of git", "Name a folder of the files themselves."
            )
        self.top = Path(self._said("--show-toplevel")).resolve()
        self._git_dir = Path(self._said("--absolute-git-dir")).resolve()
        if not self._folder.is_relative_to(self.top) or not (self.top / ".git").exists():
            raise RepositoryError(
                f"git takes {self.top} for the files of {self._folder}",
                "Remove core.worktree from the configuration of the repository.",
            )
        self._index = self._named_index()

    def commit(self, revision: str) -> str:
        """The full id of a commit.

        Raises:
            RepositoryError: there is no such commit here.
        """
        found = self._commit_of(revision)
        if found is not None:
            return found
        remotes = os.fsdecode(self._run("remote").stdout).split("\n")
        fetched = [
            f"{remote}/{revision}" for remote in remotes if remote and self._has(f"{remote}/{revision}")
        ]
        if fetched:
            hint = f"There is {fetched[0]}, which may be meant."
        elif self._is_shallow():
            hint = "This is a shallow clone: fetch the rest with `git fetch --unshallow`, in CI with fetch-depth: 0."
        elif "/" in revision and revision.partition("/")[0] in remotes:
            hint = f"Fetch it: `git fetch {revision.partition('/')[0]}`."
        else:
            hint = "`git branch --all` and `git log` show what there is."
        raise RepositoryError(f'there is no commit "{revision}" in this repository', hint)

    def head(self) -> str | None:
        """The commit that is checked out; ``None`` before the first one."""
        return self._commit_of("HEAD")

    def merged(self) -> str | None:
        """The commit that a merge in progress brings in; ``None`` if there is no such merge."""
        return self._commit_of("MERGE_HEAD")

    def merge_base(self, revision: str) -> str:
        """The last commit that ``revision`` and what is checked out have in common.

        Raises:
            RepositoryError: there is none, or it is not in this clone.
        """
        commit, head = self.commit(revision), self.head()
        if head is None:
            raise RepositoryError("nothing has been committed yet", "Use --staged, which needs no commit.")
        answer = self._run("merge-base", commit, head)
        if answer.returncode == 0:
            return answer.stdout.decode().splitlines()[0].strip()
        if self._is_shallow():
            hint = "This is a shallow clone: fetch the rest with `git fetch --unshallow`, in CI with fetch-depth: 0."
        else:
            hint = "Name a revision that shares history with the present branch."
        raise RepositoryError(f'"{revision}" has no commit in common with the present branch', hint)

    def files_of(self, commit: str) -> list[Entry]:
        """The files of a commit, sorted; a submodule is one of them."""
        found = []
        for line in self._lines("ls-tree", "-r", "-z", "--full-tree", commit):
            meta, _, path = line.partition(b"\t")
            mode, _, oid = meta.decode().split()
            found.append(Entry(os.fsdecode(path), oid, _KINDS.get(mode, Kind.FILE)))
        return sorted(found, key=_order)

    def staged_files(self) -> list[Entry]:
        """The files of the index, sorted.

        Raises:
            RepositoryError: a merge has left conflicts in it.
        """
        found = []
        for line in self._lines("ls-files", "-z", "--stage", "--full-name", cwd=self.top):
            meta, _, path = line.partition(b"\t")
            mode, oid, stage = meta.decode().split()
            if stage != "0":
                raise RepositoryError(
                    f"{os.fsdecode(path)} is in conflict, so nobody can tell what will be committed",
                    "Resolve the conflict and `git add` the file.",
                )
            found.append(Entry(os.fsdecode(path), oid, _KINDS.get(mode, Kind.FILE)))
        return sorted(found, key=_order)

    def with_submodules(self, entries: Iterable[Entry]) -> tuple[list[Entry], list[str]]:
        """The entries with the files of each submodule in its place, and the submodules whose commit is missing.

        A submodule that is not checked out here has no files: there are none in the working tree either.
        """
        found: list[Entry] = []
        missing: list[str] = []
        for entry in entries:
            if entry.kind is not Kind.SUBMODULE:
                found.append(entry)
                continue
            inner = self._submodule(entry.path)
            if inner is None:
                continue
            if not inner._has(entry.oid):
                missing.append(entry.path)
                continue
            files, lost = inner.with_submodules(inner.files_of(entry.oid))
            found += [
                msgspec.structs.replace(
                    file,
                    path=f"{entry.path}/{file.path}",
                    within=f"{entry.path}/{file.within}" if file.within else entry.path,
                )
                for file in files
            ]
            missing += [f"{entry.path}/{path}" for path in lost]
        return found, missing

    def contents(self, entries: Iterable[Entry], largest: int) -> Iterator[tuple[Entry, int, bytes]]:
        """The size and content of each file, of more than ``largest`` bytes only the beginning.

        Raises:
            RepositoryError: an object is missing, as in a partial clone.
        """
        for within, group in itertools.groupby(entries, key=lambda entry: entry.within):
            yield from self._contents(self.top / within, group, largest)

    def _contents(
        self, top: Path, entries: Iterable[Entry], largest: int
    ) -> Iterator[tuple[Entry, int, bytes]]:
        command = ["git", *_SAFE, "cat-file", "--batch"]
        with subprocess.Popen(  # noqa: S603  (no shell, and only fixed words)
            command,
            cwd=top,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdin is not None  # noqa: S101
            assert process.stdout is not None  # noqa: S101
            for entry in entries:
                process.stdin.write(entry.oid.encode() + b"\n")
                process.stdin.flush()
                header = process.stdout.readline().split()
                if len(header) != 3 or header[1] != b"blob":
                    raise RepositoryError(
                        f"the content of {entry.path} is not in this clone",
                        "Fetch it, for example with `git fetch --refetch --no-filter`, or check out the revision once.",
                    )
                size = int(header[2])
                data = process.stdout.read(min(size, largest))
                _skip(process.stdout, size - len(data) + 1)
                yield entry, size, data
            process.stdin.close()

    def _named_index(self) -> Path | None:
        """The index that git hands to hooks (`git commit --all` and `git commit FILE` make one of their own).

        That of another repository, for whose hook this runs, is passed over.
        """
        named = os.environ.get("GIT_INDEX_FILE")
        if not named:
            return None
        file = (self.top / named).resolve()
        if not file.is_file():
            return None
        if not file.is_relative_to(self._git_dir) and (file.parent / "HEAD").exists():
            return None
        return file

    def _submodule(self, path: str) -> Repository | None:
        """The repository of a submodule, if it is checked out in this very folder."""
        folder = self.top / path
        if Path(os.path.realpath(folder)) != folder or not folder.is_dir():
            return None
        try:
            found = Repository(folder)
        except RepositoryError:
            return None
        return found if found.top == folder else None

    def _commit_of(self, revision: str) -> str | None:
        answer = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return answer.stdout.decode().strip() if answer.returncode == 0 else None

    def _has(self, revision: str) -> bool:
        return self._commit_of(revision) is not None

    def _said(self, question: str) -> str:
        """What ``git rev-parse`` answers to one question; a path may hold any character."""
        answer = self._run("rev-parse", question)
        if answer.returncode:
            raise self._refused(answer.stderr)
        return os.fsdecode(answer.stdout.removesuffix(b"\n"))

    def _is_shallow(self) -> bool:
        return self._run("rev-parse", "--is-shallow-repository").stdout.strip() == b"true"

    def _lines(self, *arguments: str, cwd: Path | None = None) -> list[bytes]:
        answer = self._run(*arguments, cwd=cwd)
        if answer.returncode:
            raise self._refused(answer.stderr)
        return [line for line in answer.stdout.split(b"\0") if line]

    def _run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
        environment = self._environment
        if arguments[0] == "ls-files" and self._index is not None:
            environment = {**environment, "GIT_INDEX_FILE": os.fspath(self._index)}
        try:
            return subprocess.run(  # noqa: S603  (no shell, and only fixed words and ids)
                ["git", *_SAFE, *arguments],  # noqa: S607  (the one of the user)
                cwd=cwd or self._folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except FileNotFoundError as error:
            raise RepositoryError("git is not installed", _NO_GIT) from error
        except subprocess.TimeoutExpired as error:
            raise RepositoryError(f"git {arguments[0]} took more than {_TIMEOUT} s", _NO_GIT) from error

    def _refused(self, stderr: bytes) -> RepositoryError:
        text = stderr.decode("utf-8", "replace").strip()
        if "not a git repository" in text:
            where = " GIT_DIR is not followed." if os.environ.get("GIT_DIR") else ""
            return RepositoryError(
                f"{self._folder} is not in a git repository",
                f"Leave --since and --staged out, or run `git init` and commit.{where}",
            )
        if "dubious ownership" in text:
            named = _UNTRUSTED.search(text)
            folder = named[1] if named else str(self._folder)
            return RepositoryError(
                f"git does not trust {folder}, as it belongs to somebody else",
                f"If you do: `git config --global --add safe.directory {shlex.quote(folder)}`.",
            )
        first = text.splitlines()[0].removeprefix("fatal: ") if text else "no reason given"
        return RepositoryError(f"git refuses: {first}", "Run `git status` in that folder to see more.")


def _order(entry: Entry) -> str:
    return entry.path


def _environment() -> dict[str, str]:
    """The user's, without what would point git elsewhere, and with what keeps it from asking or fetching."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    trust = {key: value for key, value in os.environ.items() if key.startswith("GIT_CONFIG_")}
    return {
        **kept,
        **trust,
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _skip(stream: IO[bytes], count: int) -> None:
    while count > 0:
        read = stream.read(min(count, 1 << 20))
        if not read:
            return
        count -= len(read)
