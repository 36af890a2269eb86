"""What functions of the standard library tell about the project's own folders while linking: ``os.listdir``,
``glob``, ``importlib.util.spec_from_file_location``.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from backend_gate.backend.arguments import Arguments
from backend_gate.backend.calls import interpreter_external_call
from backend_gate.backend.library import NATIVES, NativeCall
from backend_gate.backend.project_files import ProjectFiles, matching, path_of, path_value
from backend_gate.backend.values import NONE, Constant, Instance, Module, Sequence, Value

if TYPE_CHECKING:
    from backend_gate.backend.interpreter import Interpreter
    from backend_gate.backend.model import Place


def _listing(name: str, run: Callable[[Interpreter, str, Place | None], Value | None]) -> None:
    """A function whose first argument is a path; what ``run`` cannot tell is what the library gives."""

    def call(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
        given = arguments.get(0, "path") or arguments.get(None, "top") or arguments.get(None, "pathname")
        text = path_of(given) if given is not None else None  # where it is started is not known
        found = run(interpreter, text, place) if text is not None and interpreter.trace is None else None
        return found or interpreter_external_call(interpreter, name, None, arguments, place)

    NATIVES[name] = call


def _listdir(interpreter: Interpreter, text: str, place: Place | None) -> Value | None:
    folder = interpreter.files.folder(text)
    if folder is None:
        return None
    return Sequence("list", [Constant(one) for one in interpreter.files.names(folder)])


def _scandir(interpreter: Interpreter, text: str, place: Place | None) -> Value | None:
    files = interpreter.files
    folder = files.folder(text)
    if folder is None:
        return None
    prefix = f"{folder}/" if folder else ""
    return Sequence("list", [_entry(files, prefix + one, place) for one in files.names(folder)])


def _entry(files: ProjectFiles, path: str, place: Place | None) -> Instance:
    entry = path_value(files, path, place)
    entry.attributes["path"] = Constant(path)
    return entry


def _walk(interpreter: Interpreter, text: str, place: Place | None) -> Value | None:
    files = interpreter.files
    top = files.folder(text)
    if top is None:
        return None
    folders = [top, *(path for path in files.below(top) if files.is_folder(path))]
    rows: list[Value] = []
    for folder in folders:
        names = files.names(folder)
        inner = [Constant(n) for n in names if files.is_folder(f"{folder}/{n}" if folder else n)]
        plain = [Constant(n) for n in names if not files.is_folder(f"{folder}/{n}" if folder else n)]
        rows.append(Sequence("tuple", [Constant(folder), Sequence("list", inner), Sequence("list", plain)]))
    return Sequence("list", rows)


def _glob(interpreter: Interpreter, text: str, place: Place | None) -> Value | None:
    before, _, pattern = text.partition("*")
    base, _, start = before.rpartition("/")
    folder = interpreter.files.folder(base)
    if folder is None or "*" not in text:
        return None
    found = matching(interpreter.files, folder, f"{start}*{pattern}")
    return Sequence("list", [Constant(path) for path in found])


_listing("os.listdir", _listdir)
_listing("os.scandir", _scandir)
_listing("os.walk", _walk)
_listing("glob.glob", _glob)
_listing("glob.iglob", _glob)


def _basename(interpreter: Interpreter, text: str, place: Place | None) -> Value:
    return Constant(posixpath.basename(text))


def _splitext(interpreter: Interpreter, text: str, place: Place | None) -> Value:
    return Sequence("tuple", [Constant(part) for part in posixpath.splitext(text)])


_listing("os.path.basename", _basename)
_listing("os.path.splitext", _splitext)


def _spec(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    """``spec_from_file_location(name, path)``: the module in that file, under another name."""
    made = interpreter_external_call(
        interpreter, "importlib.util.spec_from_file_location", None, arguments, place
    )
    given = arguments.get(1, "location")
    text = path_of(given) if given is not None else None
    name = None if text is None else interpreter.files.modules.get(posixpath.normpath(text))
    if name is not None and isinstance(made, Instance):
        made.attributes["__module__"] = Module(name)
    return made


def _module_from_spec(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
    spec = arguments.get(0, "spec")
    module = spec.attributes.get("__module__") if isinstance(spec, Instance) else None
    if not isinstance(module, Module):
        return interpreter_external_call(
            interpreter, "importlib.util.module_from_spec", None, arguments, place
        )
    interpreter.import_module(module.name)
    return module


NATIVES["importlib.util.spec_from_file_location"] = _spec
NATIVES["importlib.util.module_from_spec"] = _module_from_spec


def _search(position: int) -> NativeCall:
    def run(interpreter: Interpreter, arguments: Arguments, place: Place | None) -> Value:
        """``sys.path.insert(0, folder)``"""
        given = arguments.get(position, "object")
        text = path_of(given) if given is not None else None
        folder = interpreter.files.folder(text) if text is not None else None
        if folder is not None and folder not in interpreter.files.search:
            interpreter.files.search.append(folder)
        return NONE

    return run


NATIVES["sys.path.insert"] = _search(1)
NATIVES["sys.path.append"] = _search(0)
