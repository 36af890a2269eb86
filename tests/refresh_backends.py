"""Ask the framework itself which routes the applications of `backends` have, and keep the answer.

Needs what the applications import (``pip install fastapi pydantic-settings python-multipart``) in a
throw-away environment of Python 3.12 or newer; never part of the test run. ``--check`` compares and
writes nothing::

    python tests/refresh_backends.py [--check] [NAME ...]

``expected.json`` of an application holds ``app`` (one ``folder/module:attribute`` or a list of them; a
final ``()`` calls a factory), and ``routes``. Verdicts on authentication (``auth``) are a person's
reading and are kept; a new route gets ``"?"``, which no test accepts. Routes with ``"by_default": false``
exist only under a setting: the framework does not list them, they are kept as they stand. ``included`` is
where the project includes the router of a handler that is a library's, and is kept too. ``before`` and
``after`` hold statements that run before the import and, with ``app`` bound, before the answer is taken:
what the environment would give, start-up hooks.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent / "backends"
DUMP = HERE.parents[1] / "bench" / "oracle" / "dump_fastapi.py"

Row = dict[str, Any]


def dependency_name(name: str) -> str:
    """A closure as its factory, an instance as its class, the framework's own classes by their last name."""
    name = re.sub(r"\(.*\)$", "", name.split(".<locals>")[0])
    if name.startswith(("fastapi.", "starlette.")):
        return f"fastapi:{name.rsplit('.', 1)[1]}"
    return name.removesuffix(".__call__").removesuffix(".__init__")


def ask(root: Path, app: str, before: str, after: str) -> list[Row]:
    """The routes of one application, in the order in which the framework tries them.

    ``app`` is ``module:attribute``, or ``folder/module:attribute`` if modules are imported from a folder.
    """
    folder, _, target = app.rpartition("/")
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "routes.json"
        command = [sys.executable, str(DUMP), target, "-o", str(out), "--root", str(root)]
        command += ["--prelude", before, "--post", after]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run(command, cwd=root / folder, env=environment, check=True)
        dumped = json.loads(out.read_text())["routes"]
    rows = []
    for route in dumped:
        if route.get("framework") or not route.get("handler"):
            continue
        if route.get("unresolved"):
            raise SystemExit(f"{root.name}: the framework could not read the annotations of {route}")
        methods = [m for m in route["methods"] if m not in ("HEAD", "OPTIONS")] or route["methods"]
        rows.append(
            {
                "methods": methods,
                "path": route["path"] or "/",
                "handler": route["handler"].replace(".<locals>", ""),
                "at": f"{route['file']}:{route['line']}",
                "dependencies": sorted({dependency_name(name) for name in route["dependencies"]}),
                "bodies": {
                    body["name"]: "untyped" if body["is_untyped_dict"] else "typed" for body in route["body"]
                },
            }
        )
    return rows


def identity(row: Row) -> tuple[str, str, str]:
    return ",".join(row["methods"]), row["path"], row["handler"]


def refreshed(folder: Path, old: Row) -> Row:
    apps = [old["app"]] if isinstance(old["app"], str) else old["app"]
    rows = [row for app in apps for row in ask(folder, app, old.get("before", ""), old.get("after", ""))]
    verdicts = {identity(row): row for row in old.get("routes", [])}
    for row in rows:
        known = verdicts.get(identity(row), {})
        row["auth"] = known.get("auth", "?")
        for kept in ("conditional", "included"):
            if kept in known:
                row[kept] = known[kept]
    rows += [row for row in old.get("routes", []) if row.get("by_default") is False]
    return {**old, "routes": rows}


def one_row_a_line(document: Row) -> str:
    """JSON that a person can read and that shows a changed route as a changed line."""
    head = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in document.items() if key != "routes"]
    rows = ",\n".join(f"  {json.dumps(row)}" for row in document["routes"])
    return "\n".join(["{", *head, ' "routes": [', rows, " ]", "}", ""])


def main() -> int:
    parser = argparse.ArgumentParser(description="ask the framework for the routes of these applications")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    names = arguments.names or sorted(path.parent.name for path in HERE.glob("*/expected.json"))
    differing = []
    for name in names:
        file = HERE / name / "expected.json"
        old = json.loads(file.read_text())
        new = refreshed(file.parent, old)
        unread = [" ".join(identity(row)[:2]) for row in new["routes"] if row["auth"] == "?"]
        print(f"{name}: {len(new['routes'])} routes" + (f", no verdict yet: {unread}" if unread else ""))
        if new != old:
            differing.append(name)
        if not arguments.check:
            file.write_text(one_row_a_line(new), encoding="utf-8")
    if arguments.check and differing:
        print("differ from the framework:", ", ".join(differing))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
