"""Ask the framework again: install a backend into a throw-away environment and compare with the truth.

For every backend with a truth this makes a virtual environment below the cache, installs the named version
there, runs ``bench/oracle/dump_fastapi.py`` in it and prints where the answer differs from
``bench/oracle/truth``. This *runs the backend's code*, on a copy of its source, since applications write
into their own folders; nothing else in this repository runs anything that it judges.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bench import agreement, corpus

RECIPES = agreement.ORACLE / "recipes.yaml"


class AskError(Exception):
    """The framework gave no answer; the message holds the end of what the failing command said."""


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How to get at an application; see ``bench/oracle/recipes.yaml``."""

    folder: str = ""
    prelude: str = ""
    post: str = ""
    requirements: tuple[str, ...] = ()
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)


def recipes(path: Path = RECIPES) -> dict[str, Recipe]:
    """The recipes by the name of the truth that they lead to."""
    document: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return {
        name: Recipe(**{**raw, "requirements": tuple(raw.get("requirements", ()))})
        for name, raw in document.items()
    }


def ask(subject: corpus.Subject, source: Path, cache: Path, truth: Mapping[str, Any], recipe: Recipe) -> Any:
    """What the framework says of the application that the truth names."""
    home = (cache / "env" / f"{subject.name}-{subject.version}").resolve()
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        wanted = recipe.requirements or (f"{subject.project}=={subject.version}",)
        _run([str(python), "-m", "pip", "install", "--quiet", *wanted, f"fastapi=={truth['fastapi']}"], home)
    copy, out = home / "source", home / "answer.json"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(source, copy, symlinks=True)
    command = [str(python), str(agreement.ORACLE / "dump_fastapi.py"), truth["app"], "-o", str(out)]
    command += ["--root", str(copy)]
    if recipe.prelude:
        command += ["--prelude", recipe.prelude]
    if recipe.post:
        command += ["--post", recipe.post]
    if truth["stubs"]:
        command += ["--stub", ",".join(truth["stubs"])]
    _run(command, copy / recipe.folder, env={**os.environ, "HOME": str(home), **recipe.env})
    return json.loads(out.read_text("utf-8"))


def _run(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AskError(f"{Path(command[0]).name} {command[1]}: {done.stderr.strip()[-600:]}")


def differences(truth: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[str]:
    """Where two answers of the framework differ in what the comparison uses."""
    before, after = _rows(truth), _rows(answer)
    for key in sorted(set(before) | set(after)):
        name = " ".join(key)
        if key not in after:
            yield f"{name}: only in the truth"
        elif key not in before:
            yield f"{name}: only in the answer"
        else:
            for field in ("handler", "dependencies", "untyped"):
                if before[key][field] != after[key][field]:
                    yield f"{name}: {field}: {before[key][field]} became {after[key][field]}"


def _rows(document: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method, row["path"]): {
            "handler": row["handler"],
            "dependencies": row.get("dependencies"),
            "untyped": sorted(b["name"] for b in row.get("body") or () if b["is_untyped_dict"]),
        }
        for row in document["routes"]
        if row.get("handler") and not row.get("framework")
        for method in row["methods"]
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Ask the framework again and compare with the truth; exit code 1 if an answer differs."""
    parser = argparse.ArgumentParser(prog="bench.ask", description=main.__doc__)
    corpus.add_arguments(parser)
    parser.add_argument("--show", type=int, default=10, metavar="N", help="differences to print a backend")
    args = parser.parse_args(argv)
    how, failed = recipes(), False
    try:
        for subject, source in corpus.sources(args, (s for s in corpus.SUBJECTS if s.truth in how)):
            with gzip.open(agreement.truth_files(subject)[0], "rt") as stream:
                truth = json.load(stream)
            found = list(differences(truth, ask(subject, source, args.cache, truth, how[str(subject.truth)])))
            print(f"{subject.title}: {len(_rows(truth))} routes, {len(found)} differences")
            for line in found[: args.show]:
                print(f"  {line}")
            failed = failed or bool(found)
    except (corpus.CorpusError, AskError) as error:
        print(f"bench.ask: {error}", file=sys.stderr)
        return 2
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
