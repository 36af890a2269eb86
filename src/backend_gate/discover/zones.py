"""What a file is for: by its folders and name, confirmed by its content where a name alone misleads.

A file that is taken out of production is judged by fewer rules. So a name that real services also use
for their domain ("migrations", "versions", a ``test_drive.py``) does not decide alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from backend_gate.discover.heads import Heads
from backend_gate.discover.model import Zone

_TEST_FOLDERS = frozenset({
    "test", "tests", "testsuite", "unittests", "unit_tests", "integration_tests", "integration-tests",
    "functional_tests", "e2e", "e2e_tests", "api_tests", "load_tests", "loadtests",
})  # fmt: skip
_TEST_NAMES = re.compile(r"test_.+\.py|.+_tests?\.py|tests?\.py|conftest\.py")
_EXAMPLE_FOLDERS = frozenset({"example", "examples", "demos", "tutorials", "docs_src"})
_SCRIPT_FOLDERS = frozenset({"bin", "hack", "benchmarks", "benchmark", "bench"})
# Words that services use for their domain too: they count only at the very top.
_TOP_EXAMPLE_FOLDERS = frozenset({"docs", "doc", "sample", "samples", "cookbook", "cookbooks"})
_TOP_SCRIPT_FOLDERS = frozenset({"dev", "devtools", "dev-tools", "tools", "ci", "deploy", "deployment"})
_SCRIPT_FILES = frozenset({"setup.py", "noxfile.py", "fabfile.py", "manage.py", "gunicorn.conf.py"})
_TEMPLATE_HOOKS = frozenset({"pre_prompt.py", "pre_gen_project.py", "post_gen_project.py"})

_TEST_FUNCTION = re.compile(rb"^\s*(?:async[ ]+)?def test", re.MULTILINE)
_TEST_IMPORT = re.compile(
    rb"^\s*(?:import|from)\s+(?:pytest|unittest|hypothesis|django\.test|rest_framework\.test|"
    rb"(?:fastapi|starlette)\.testclient)\b",
    re.MULTILINE,
)
_DJANGO_MIGRATION = re.compile(r"\d{4}_\w+\.py")
_DJANGO_CODE = re.compile(rb"\bMigration\s*\(\s*(?:migrations\.)?Migration\b|\bmigrations\.Migration\b")
_REVISION = re.compile(rb"^revision\b[^=\n]*=", re.MULTILINE)
_DOWN_REVISION = re.compile(rb"^down_revision\b[^=\n]*=", re.MULTILINE)
_MIGRATION_MODULE = re.compile(r"(?:.+_)?migrations?\.py")
_SCHEMA_CHANGE = re.compile(rb"(?i)\b(?:create|alter|drop)\s+table\b")
_ROUTING = re.compile(rb"\bAPIRouter\b|\bFastAPI\b|@\w*(?:router|app)\.|\badd_(?:api_)?route\b")
_GENERATED = re.compile(
    rb"(?im)^[#'\"\s]*(?:@generated\b|(?:this|the)\s+(?:file|module|code)\b.*\bgenerated\b|"
    rb"(?:file|code)\s+(?:is\s+)?(?:automatically\s+)?generated\b|"
    rb"generated\s+(?:by|from|with|using|on|file|code|automatically)\b|auto(?:matically)?[-\s]?generated\b)"
)
_HEADER_BYTES = 1500
_JINJA = re.compile(rb"^\s*\{%|\{\{\s*cookiecutter\.", re.MULTILINE)


class Zoning:
    """Tells the zones of the files of one tree apart."""

    """``projects`` are the folders of projects (relative, ``""`` for the root)."""

    def __init__(self, files: Iterable[str], heads: Heads, projects: Iterable[str] = ("",)) -> None:
        self._heads = heads
        self._projects = frozenset(projects)
        self._names: dict[str, set[str]] = defaultdict(set)
        self._with_tests: set[str] = set()
        for path in files:
            folder, _, name = path.rpartition("/")
            self._names[folder].add(name)
            if _TEST_NAMES.fullmatch(name):
                self._with_tests.update(_parents(path))
        self._migration_folders: dict[str, bool] = {}
        self._folder_zones: dict[str, Zone | None] = {"": None}

    def zone_of(self, path: str) -> Zone:
        """The zone of a file of the tree."""
        folder, _, name = path.rpartition("/")
        if "{{" in path or "{%" in path:
            return Zone.TEMPLATES
        by_folder = self._zone_of_folder(folder)
        if by_folder is Zone.TESTS or name == "conftest.py":
            return Zone.TESTS
        if _TEST_NAMES.fullmatch(name) and self._is_test_module(path):
            return Zone.TESTS
        if by_folder is Zone.MIGRATIONS or self._is_migration_module(path, name):
            return Zone.MIGRATIONS
        if "templates" in folder and _JINJA.search(self._heads.get(path)):
            return Zone.TEMPLATES
        if by_folder is not None:
            return by_folder
        if name in _SCRIPT_FILES and not self._is_package(folder):
            return Zone.SCRIPTS
        if name in _TEMPLATE_HOOKS and folder.rpartition("/")[2] == "hooks":
            return Zone.SCRIPTS  # cookiecutter and copier run them when a project is made
        if name.endswith(("_pb2.py", "_pb2_grpc.py")) or self._is_generated(path):
            return Zone.GENERATED
        return Zone.PRODUCTION

    def _zone_of_folder(self, folder: str) -> Zone | None:
        """What a folder says about its files: tests win, then the outermost folder that says anything."""
        if folder in self._folder_zones:
            return self._folder_zones[folder]
        parent, _, name = folder.rpartition("/")
        above = self._zone_of_folder(parent)
        own = None if above is Zone.TESTS else self._own_zone(folder, parent, name.lower())
        zone = own if own is Zone.TESTS or above is None else above
        self._folder_zones[folder] = zone
        return zone

    def _own_zone(self, folder: str, parent: str, name: str) -> Zone | None:
        inside = any(self._is_package(each) for each in (parent, *_parents(parent)))
        if name in _TEST_FOLDERS and (not inside or folder in self._with_tests):
            return Zone.TESTS
        if (name in ("versions", "alembic") or "migrations" in name) and self._is_migration_folder(folder):
            return Zone.MIGRATIONS
        if name == "scripts" and not (inside and self._has_routes(folder)):
            return Zone.SCRIPTS
        if inside:
            return None
        is_top = parent in self._projects
        if name in _EXAMPLE_FOLDERS or (is_top and name in _TOP_EXAMPLE_FOLDERS):
            return Zone.EXAMPLES
        if name in _SCRIPT_FOLDERS or (
            is_top and name in _TOP_SCRIPT_FOLDERS and not self._is_package(folder)
        ):
            return Zone.SCRIPTS
        return None

    def _is_test_module(self, path: str) -> bool:
        """Whether a module named like tests holds some: a workload called "connection_test" does not."""
        code = self._heads.whole(path)
        if _TEST_IMPORT.search(code):
            return True
        return bool(_TEST_FUNCTION.search(code)) and not _ROUTING.search(code)

    def _is_migration_module(self, path: str, name: str) -> bool:
        """Whether a module called "migrations" changes tables; a router for migrations does not."""
        if not _MIGRATION_MODULE.fullmatch(name):
            return False
        code = self._heads.whole(path)
        return bool(_SCHEMA_CHANGE.search(code)) and not _ROUTING.search(code)

    def _is_migration_folder(self, folder: str) -> bool:
        """Whether a folder is an Alembic environment, holds Alembic revisions or Django's migrations."""
        known = self._migration_folders.get(folder)
        if known is None:
            known = self._migration_folders[folder] = self._looks_like_migrations(folder)
        return known

    def _looks_like_migrations(self, folder: str) -> bool:
        names = self._names.get(folder, set())
        if "env.py" in names:
            code = self._heads.get(f"{folder}/env.py")
            return b"alembic" in code
        for name in sorted(names - {"__init__.py"})[:3]:
            code = self._heads.get(f"{folder}/{name}")
            if _REVISION.search(code) and _DOWN_REVISION.search(code):
                return True
            if _DJANGO_MIGRATION.fullmatch(name) and _DJANGO_CODE.search(code):
                return True
        return False

    def _has_routes(self, folder: str) -> bool:
        """Whether a module of a folder wires routes: a service can have scripts as its subject."""
        names = sorted(self._names.get(folder, ()))
        return any(_ROUTING.search(self._heads.get(f"{folder}/{name}")) for name in names)

    def _is_package(self, folder: str) -> bool:
        return "__init__.py" in self._names.get(folder, set())

    def _is_generated(self, path: str) -> bool:
        """Whether the comments or the docstring before the first code say so."""
        head = self._heads.get(path)[:_HEADER_BYTES]
        if b"enerated" not in head and b"ENERATED" not in head:
            return False  # cheap, for nearly all files
        return bool(_GENERATED.search(_header(head)))


def _parents(path: str) -> list[str]:
    """The folders around a path, from the inside out, without the root."""
    found = []
    while "/" in path:
        path = path.rpartition("/")[0]
        found.append(path)
    return found


def _header(head: bytes) -> bytes:
    """The comment lines at the very top, up to the first line of code or docstring."""
    lines: list[bytes] = []
    for line in head.removeprefix(b"\xef\xbb\xbf").splitlines():
        stripped = line.strip()
        if stripped and not stripped.startswith(b"#"):
            if stripped.startswith((b'"""', b"'''")) and not lines:
                lines.append(stripped)
            break
        lines.append(stripped)
    return b"\n".join(lines)
