"""``backend-gate baseline``: findings that are known and do not fail."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from backend_gate.cli.options import Subparsers, add_command, existing_folder, positive
from backend_gate.cli.output import check_writable, print_error, print_text, write_file
from backend_gate.errors import COULD_NOT_JUDGE, GateError

if TYPE_CHECKING:
    from backend_gate.gate import Judgement

_DESCRIPTION = """\
A baseline is a file of known findings, beside the project's configuration and committed with
the code. `check` fails on what it does not hold. It knows a finding by rule, file, function and
code, with counts: moved lines and reformatted files change nothing, and one more of the same
is new."""

_EXAMPLES = """
  backend-gate baseline write     make it, or drop what is fixed from it
  backend-gate baseline show      what it holds
  backend-gate baseline prune     only drop what is fixed
"""

_WRITE = """\
Writes the findings of the backends below a folder to the baseline. A baseline that exists only
shrinks: new findings are left out and named, and the exit code is 1. --allow-growth takes them in."""


def register(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "baseline",
        summary="keep a list of known findings that do not fail",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    write = add_command(actions, "write", summary="write the findings of today", description=_WRITE)
    write.set_defaults(run=run_write)
    write.add_argument(
        "--allow-growth", action="store_true", help="take new findings into a baseline that exists"
    )
    prune = add_command(actions, "prune", summary="drop the entries that nothing needs any more")
    prune.set_defaults(run=run_prune)
    show = add_command(actions, "show", summary="list the entries; nothing is judged")
    show.set_defaults(run=run_show)
    show.add_argument(
        "--format", choices=("table", "json"), default="table", help="form of the list (default: table)"
    )
    for action in (write, prune, show):
        action.add_argument(
            "path", nargs="?", default=".", metavar="PATH", help="folder of the backend (default: this one)"
        )
        action.add_argument(
            "--baseline",
            type=Path,
            metavar="FILE",
            help="the file (default: the configured one, else .backend-gate-baseline.toml)",
        )
    for action in (write, prune):
        action.add_argument(
            "--jobs", type=positive, metavar="N", help="processes that read files (default: one a core)"
        )


def run_write(options: argparse.Namespace) -> int:
    """Write; 1 if new findings were left out, 2 if not everything could be judged."""
    judgement = _judged(options)
    if judgement is None:
        return COULD_NOT_JUDGE

    from backend_gate.report.baseline import written
    from backend_gate.settle.baseline import render_baseline, summed
    from backend_gate.settle.known import combined

    left_out = False
    for use in combined(judgement.baselines):
        takes_new = options.allow_growth or not use.exists
        if not use.exists and not use.new:
            print_text("Nothing to write: there are no findings.\n")
            continue
        taken = (*use.met, *use.untouched, *(use.new if takes_new else ()))
        write_file(use.file, render_baseline(summed(taken)), home=use.file.parent)
        print_text(written(use, _shown(use.file), takes_new=takes_new))
        left_out = left_out or (bool(use.new) and not takes_new)
    return 1 if left_out else 0


def run_prune(options: argparse.Namespace) -> int:
    """Drop what is fixed; 2 if not everything could be judged."""
    judgement = _judged(options)
    if judgement is None:
        return COULD_NOT_JUDGE

    from backend_gate.report.baseline import pruned
    from backend_gate.settle.baseline import render_baseline, summed
    from backend_gate.settle.known import combined

    uses = [use for use in combined(judgement.baselines) if use.exists]
    if not uses:
        raise _no_baseline(options)
    for use in uses:
        if use.fixed:
            write_file(use.file, render_baseline(summed((*use.met, *use.untouched))), home=use.file.parent)
        print_text(pruned(use, _shown(use.file)))
    return 0


def run_show(options: argparse.Namespace) -> int:
    """Print the entries."""
    path = existing_folder(options.path)

    from backend_gate.settings import find_upwards, load_settings
    from backend_gate.settle.baseline import NAME, read_baseline

    file = options.baseline or load_settings(path).baseline or find_upwards(path.resolve(), NAME)
    if file is None or not file.is_file():
        raise _no_baseline(options)
    entries = read_baseline(file)
    if options.format == "json":
        from backend_gate.report.json import render_baseline

        print_text(render_baseline(entries), machine=True)
    else:
        from backend_gate.report.baseline import listed

        print_text(listed(entries, _shown(file)))
    return 0


def _judged(options: argparse.Namespace) -> Judgement | None:
    """The judgement; ``None``, with the reasons on standard error, if it is not complete."""
    path = existing_folder(options.path)
    chosen = None
    if options.baseline is not None:
        check_writable(options.baseline)
        chosen = options.baseline.resolve()

    from backend_gate.cli.progress import progress
    from backend_gate.gate import Overrides, judge
    from backend_gate.report.sentences import problem_lines

    with progress() as notify:
        judgement = judge([path], Overrides(baseline=chosen), jobs=options.jobs, progress=notify)
    for line in problem_lines(judgement.verdict.problems):
        print_error(f"backend-gate: {line}\n")
    if judgement.verdict.problems:
        print_error("Nothing was written, as not everything could be judged.\n")
        return None
    return judgement


def _no_baseline(options: argparse.Namespace) -> GateError:
    return GateError(f'there is no baseline for "{options.path}"', "`backend-gate baseline write` makes one.")


def _shown(file: Path) -> str:
    """The path from where the user is."""
    from backend_gate.cli.terminal import prefix

    return prefix(file.parent) + file.name
