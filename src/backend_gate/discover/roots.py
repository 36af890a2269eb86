"""Under which name the project imports each of its files.

The rule: an import root is the folder above the *topmost* ``__init__.py``. Where folders have no
``__init__.py`` the rule says nothing, and the project's own import statements decide: each import of a
name votes for the root under which that name leads to a file. A root inside a package is suspicious (it
would let a project's ``integrations/fastapi.py`` shadow the framework) and needs evidence; names of the
standard library, of known frameworks and of declared dependencies are never evidence.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

KNOWN_LIBRARIES = frozenset({
    "fastapi", "starlette", "flask", "django", "rest_framework", "litestar", "pydantic", "pydantic_settings",
    "sqlalchemy", "sqlmodel", "alembic", "uvicorn", "gunicorn", "celery", "redis", "httpx", "requests",
    "pytest", "psycopg", "asyncpg", "jose", "jwt", "boto3", "numpy", "pandas", "openai", "stripe",
})  # fmt: skip

# In the standard library of some Python that runs the gate and not of others: the answer must not vary.
_VARYING = frozenset({
    "aifc", "annotationlib", "asynchat", "asyncore", "audioop", "cgi", "cgitb", "chunk", "compression",
    "crypt", "distutils", "imghdr", "imp", "lib2to3", "mailcap", "msilib", "nis", "nntplib", "ossaudiodev",
    "pipes", "smtpd", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib",
})  # fmt: skip
STANDARD_LIBRARY = frozenset(name for name in sys.stdlib_module_names if not name.startswith("_")) - _VARYING

_SOURCE_FOLDERS = frozenset({"src", "lib", "python"})

Imports = Callable[[str], Iterable[str]]


def find_roots(
    files: Iterable[str],
    imports: Imports,
    *,
    projects: Iterable[str] = (),
    declared: Iterable[str] = (),
    configured: Iterable[str] = (),
    foreign: Iterable[str] = (),
    above: str = "",
) -> dict[str, str]:
    """The import root of every folder that holds one of ``files``.

    Paths are relative to the tree, ``""`` is its root. ``imports`` gives the absolute names that a file
    imports. ``projects`` are folders with a project file, ``declared`` the source folders that project
    files name, ``configured`` those of the user (they decide). ``foreign`` are module names of the
    project's dependencies. ``above`` is the import root of the tree's root if that lies inside a package.

    The result does not depend on the order of anything.
    """
    return _Roots(
        frozenset(files), imports, frozenset(projects), frozenset(declared), frozenset(configured),
        frozenset(foreign), above,
    ).decide()  # fmt: skip


def module_name(path: str, root: str, above: Iterable[str] = ()) -> str | None:
    """The dotted name of a file below an import root; ``None`` if no import can name it.

    ``above`` are the packages around the tree, for a root that begins with ``..``.
    """
    relative = path
    prefix: list[str] = []
    if root.startswith(".."):
        prefix = list(above)
    elif root:
        relative = path[len(root) + 1 :]
    parts = [*prefix, *relative.removesuffix(".py").split("/")]
    if parts[-1] == "__init__":
        parts.pop()
    if not parts or any("." in part or not part or " " in part for part in parts):
        return None
    return ".".join(parts)


class _Roots:
    """Files fall into *blocks* that have one root: everything below a topmost ``__init__.py``, or the
    modules of one folder that no ``__init__.py`` covers. A block is named by its folder."""

    def __init__(
        self,
        files: frozenset[str],
        imports: Imports,
        projects: frozenset[str],
        declared: frozenset[str],
        configured: frozenset[str],
        foreign: frozenset[str],
        above: str,
    ) -> None:
        self.files = files
        self.imports = imports
        self.declared = declared
        self.bases = projects | declared | {""}
        self.configured = configured
        self.foreign = foreign | KNOWN_LIBRARIES | STANDARD_LIBRARY
        self.above = above
        self.holding = {parent_of(path) for path in files}
        self.folders = {each for folder in self.holding for each in (folder, *parents_of(folder))}
        self.packages = {parent_of(path) for path in files if path.rpartition("/")[2] == "__init__.py"}
        self.block_of = {folder: self._block(folder) for folder in self.folders}
        self.parents_by_child = self._children()
        self.used: frozenset[str] = frozenset()
        self.self_importing: dict[str, bool] = {}

    def decide(self) -> dict[str, str]:
        if self.above:
            return dict.fromkeys(self.holding, self.above)
        blocks = sorted({self.block_of[folder] for folder in self.holding}, key=_shallow_first)
        votes = self._votes() if self._in_doubt(blocks) else {}
        chosen: dict[str, str] = {}
        self.used = self._used(blocks, votes)
        for block in blocks:
            chosen[block] = self._root_of(block, votes.get(block, Counter()), chosen)
        roots: dict[str, str] = {}
        for folder in self.holding:
            root = chosen[self.block_of[folder]]
            if not is_below(folder, root):
                root = parent_of(self.block_of[folder])  # beside the root that the votes chose inside
            roots[folder] = self._configured_for(folder, root)
        return roots

    def _block(self, folder: str) -> str:
        covered = [each for each in (folder, *parents_of(folder)) if each in self.packages and each]
        return covered[-1] if covered else folder

    def _is_covered(self, block: str) -> bool:
        return block in self.packages and block != ""

    def _children(self) -> dict[str, list[str]]:
        """For each name that could begin an import: the folders that hold such a module or folder."""
        found: dict[str, list[str]] = defaultdict(list)
        for folder in sorted(self.folders):
            if folder:
                found[folder.rpartition("/")[2]].append(parent_of(folder))
        for path in sorted(self.files):
            name = path.rpartition("/")[2].removesuffix(".py")
            if name != "__init__" and f"{path.removesuffix('.py')}" not in self.folders:
                found[name].append(parent_of(path))
        return found

    def _in_doubt(self, blocks: list[str]) -> bool:
        """Whether import statements have to be read: the rule alone decides most projects."""
        for block in blocks:
            if not self._is_covered(block):
                if block and block not in self.declared:
                    return True
            elif parent_of(block) not in self.bases or self._looks_inside(block):
                return True
        return False

    def _looks_inside(self, block: str) -> bool:
        return self._imports_from_inside(block) and not self._imports_itself(block)

    def _imports_itself(self, block: str) -> bool:
        """Whether any file below a package imports it by its own name."""
        known = self.self_importing.get(block)
        if known is None:
            name = block.rpartition("/")[2]
            known = self.self_importing[block] = any(
                imported == name or imported.startswith(f"{name}.")
                for path in self._files_below(block)
                for imported in self.imports(path)
            )
        return known

    def _imports_from_inside(self, block: str) -> bool:
        """Whether any file below a package imports something as if a root were inside the package."""
        return any(
            first not in self.foreign
            and any(is_below(root, block) for root in self.parents_by_child.get(first, ()))
            for path in self._files_below(block)
            for first in {imported.partition(".")[0] for imported in self.imports(path)} - self.foreign
            for root in self.parents_by_child.get(first, ())
        )

    def _files_below(self, block: str) -> list[str]:
        prefix = f"{block}/"
        return sorted(path for path in self.files if path.startswith(prefix))

    def _votes(self) -> dict[str, Counter[str]]:
        votes: dict[str, Counter[str]] = defaultdict(Counter)
        needless = {*self.foreign, *self._settled_names()}
        for path in sorted(self.files):
            for name in self.imports(path):
                if name.partition(".")[0] in needless:
                    continue
                for root, block in self._targets(path, name):
                    votes[block][root] += 1
        return votes

    def _settled_names(self) -> list[str]:
        """Names that can only be one package, which the rule alone names: no votes are needed for it."""
        return [
            name
            for name, parents in self.parents_by_child.items()
            if len(parents) == 1
            and self._is_covered(join(parents[0], name))
            and parents[0] in self.bases
            and self._imports_itself(join(parents[0], name))
        ]

    def _targets(self, path: str, name: str) -> list[tuple[str, str]]:
        """The roots under which ``name``, imported by ``path``, leads to a file; and the blocks it meets."""
        first = name.partition(".")[0]
        home = parent_of(path)
        found: list[tuple[str, list[str]]] = []
        for root in self.parents_by_child.get(first, ()):
            if join(root, first) == path.removesuffix(".py"):
                continue  # a file does not import itself: the name is somebody else's
            met = self._follow(root, name)
            if met:
                found.append((root, met))
        if found:
            nearest = max(_nearness(home, root) for root, _ in found)
            found = [item for item in found if _nearness(home, item[0]) == nearest]
        return [(root, block) for root, met in found for block in met]

    def _follow(self, root: str, name: str) -> list[str]:
        """The blocks that ``name`` passes below ``root``; empty if it does not lead to a module."""
        place = root
        met: list[str] = []
        *folders, last = name.split(".")
        for part in folders:
            place = join(place, part)
            if place not in self.folders:
                return []
            met.append(self.block_of[place])
        target = join(place, last)
        if target in self.folders:
            met.append(self.block_of[target])
        elif f"{target}.py" in self.files:
            met.append(self.block_of[place])
        else:
            return []
        return sorted(set(met))

    def _used(self, blocks: list[str], votes: Mapping[str, Counter[str]]) -> frozenset[str]:
        """The folders that are a root of some other block: loose modules beside it share the root."""
        found = {parent_of(block) for block in blocks if self._is_covered(block) and block not in votes}
        for block in blocks:
            around = {root: count for root, count in votes.get(block, Counter()).items() if root != block}
            if around:
                found.add(_most(around, parent_of(block)))
        return frozenset(found)

    def _root_of(self, block: str, votes: Counter[str], chosen: Mapping[str, str]) -> str:
        default = self._default(block, chosen)
        if self._is_covered(block):
            outside = {root: count for root, count in votes.items() if not is_below(root, block)}
            inside = {root: count for root, count in votes.items() if is_below(root, block)}
            if not outside and inside and not self._imports_itself(block):
                best = _most(inside, default)
                if best == block or inside[best] >= 3:
                    return best
            return _most(outside, default)
        allowed = {root: count for root, count in votes.items() if is_below(block, root)}
        return _most(allowed, default)

    def _default(self, block: str, chosen: Mapping[str, str]) -> str:
        parent = parent_of(block)
        if self._is_covered(block):
            return parent
        if block in self.bases or block in self.used:
            return block
        if block.rpartition("/")[2] in _SOURCE_FOLDERS and parent in self.bases:
            return block
        above = next((chosen[each] for each in parents_of(block) if each in chosen), None)
        nearest_base = max((base for base in self.bases if is_below(block, base)), key=len)
        if above is None or len(above) < len(nearest_base):
            return nearest_base
        return above

    def _configured_for(self, folder: str, root: str) -> str:
        around = [each for each in self.configured if is_below(folder, each)]
        return max(around, key=len) if around else root


def parent_of(path: str) -> str:
    """The folder of a path; ``""`` for what stands in the root, and for the root."""
    return path.rpartition("/")[0]


def parents_of(path: str) -> list[str]:
    """The folders around a path from the inside out, the root ``""`` last."""
    found: list[str] = []
    while path:
        path = parent_of(path)
        found.append(path)
    return found


def join(folder: str, name: str) -> str:
    """A path below a folder."""
    return f"{folder}/{name}" if folder else name


def is_below(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or lies below it."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def _nearness(folder: str, root: str) -> tuple[int, bool]:
    """How many leading folders a folder and a root share, and whether the root is around the folder."""
    count = 0
    for left, right in zip(folder.split("/"), root.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count, is_below(folder, root)


def _most(votes: Mapping[str, int], default: str) -> str:
    """The root with most votes; the default, then the outermost, if several have as many."""
    if not votes:
        return default
    most = max(votes.values())
    best = sorted((root for root, count in votes.items() if count == most), key=_shallow_first)
    return default if default in best else best[0]


def _shallow_first(path: str) -> tuple[int, str]:
    return (path.count("/") + 1 if path else 0, path)
