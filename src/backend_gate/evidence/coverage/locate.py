"""From the paths in a report, made on another machine or in another folder, to the files of the project."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping

_DRIVE = re.compile(r"^[A-Za-z]:")


def locate(
    names: Iterable[str], files: Container[str], base: str, roots: Iterable[str] = ()
) -> dict[str, str]:
    """Which file of the project each name means; names of other files are left out.

    ``files`` are relative to ``base`` (absolute, ``/``), and so are relative ``roots``. A relative name starts at
    ``base`` or one of ``roots``. If
    the project was measured in another folder, no name is found as it stands, and all have that folder in
    common: the one that explains the most names is taken, and no other, so that a file of a library is not
    mistaken for one of the project with the same name.
    """
    found: dict[str, str] = {}
    open_names: dict[str, str] = {}
    starts = [root if _is_absolute(root) else posixpath.join(base, root) for root in map(_clean, roots)]
    for name in names:
        path = _clean(name)
        candidates = [path] if _is_absolute(path) else [posixpath.join(base, path)]
        candidates += [posixpath.join(start, path) for start in starts if not _is_absolute(path)]
        for candidate in candidates:
            relative = _below(posixpath.normpath(candidate), base)
            if relative is not None and relative in files:
                found[name] = relative
                break
        else:
            open_names[name] = posixpath.normpath(candidates[-1])
    if not found:
        found |= _moved(open_names, files)
    return found


def _moved(names: Mapping[str, str], files: Container[str]) -> dict[str, str]:
    """The names below the one folder that the project seems to have been in."""
    votes = Counter(folder for path in names.values() if (folder := _project_folder(path, files)) is not None)
    if not votes:
        return {}
    folder = min(votes, key=lambda folder: (-votes[folder], len(folder), folder))
    below = ((name, _below(path, folder)) for name, path in names.items())
    return {name: path for name, path in below if path is not None and path in files}


def _project_folder(path: str, files: Container[str]) -> str | None:
    """The folder below which this path is a file of the project; the longest common end decides."""
    parts = path.split("/")
    for cut in range(1, len(parts)):
        if "/".join(parts[cut:]) in files:
            return "/".join(parts[:cut]) or "/"
    return None


def _below(path: str, folder: str) -> str | None:
    """``path`` relative to ``folder``, or ``None`` if it is not below."""
    start = folder.rstrip("/") + "/"
    return path[len(start) :] if path.startswith(start) else None


def _clean(path: str) -> str:
    return path.replace("\\", "/") if "\\" in path else path


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or bool(_DRIVE.match(path))
