"""``backend-gate check``: judge."""

from __future__ import annotations

import argparse
import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from backend_gate.cli import terminal
from backend_gate.cli.options import Subparsers, UsageError, add_command, existing_folder, positive
from backend_gate.cli.output import check_writable, print_error, print_text, write_files
from backend_gate.cli.rendering import FORMATS, MACHINE, Rendering
from backend_gate.errors import COULD_NOT_JUDGE

if TYPE_CHECKING:
    from backend_gate.settle.verdict import Verdict

_DESCRIPTION = """\
Judges the backends below a folder: verdict and counts first, then each fault with the
place, the reason and the way out. The code is read, never run."""

_EXAMPLES = """
  backend-gate check                                      the backend in this folder
  backend-gate check services/orders services/users       two folders, one verdict
  backend-gate check --format concise                     one line a finding
  backend-gate check --report sarif=gate.sarif            a second report in the same run
  backend-gate check --select data --fail-on warning      one group of rules, warnings fail too
  backend-gate check --since origin/main                  only what this branch makes worse
"""


def register(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands, "check", summary="judge a backend", description=_DESCRIPTION, examples=_EXAMPLES
    )
    parser.set_defaults(run=run)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="folders to judge (default: this one)")
    report = parser.add_argument_group("report")
    report.add_argument(
        "--format", choices=FORMATS, default="console", help="form of the report (default: console)"
    )
    report.add_argument("--output", type=Path, metavar="FILE", help="write the report to FILE")
    report.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="FORMAT=FILE",
        help="write a further report in the same run; repeatable",
    )
    report.add_argument(
        "--show-suppressed",
        action="store_true",
        help="also list findings that do not count: suppressed, in the baseline, or not new",
    )
    report.add_argument("--quiet", action="store_true", help="the verdict only, and nothing if it passes")
    report.add_argument("--verbose", action="store_true", help="shorten nothing; show every open question")
    report.add_argument(
        "--no-color", action="store_true", help="no colours (NO_COLOR in the environment does the same)"
    )
    judging = parser.add_argument_group("judging")
    judging.add_argument(
        "--select",
        action="append",
        default=[],
        metavar="RULES",
        type=_names,
        help="run only these rules: ids, slugs or groups, separated by commas",
    )
    judging.add_argument(
        "--ignore", action="append", default=[], metavar="RULES", type=_names, help="leave these rules out"
    )
    judging.add_argument(
        "--fail-on", choices=("error", "warning", "info"), help="the mildest severity that fails"
    )
    judging.add_argument("--strict", action="store_true", default=None, help="open questions fail as well")
    judging.add_argument(
        "--since",
        metavar="REV",
        help="only what is new since the last commit in common with REV, such as origin/main",
    )
    judging.add_argument(
        "--staged",
        action="store_true",
        help="judge what is staged for commit; only what is new since the last commit fails",
    )
    judging.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="the file of known findings (default: the configured one, else .backend-gate-baseline.toml)",
    )
    judging.add_argument("--no-baseline", action="store_true", help="known findings count as well")
    judging.add_argument(
        "--jobs", type=positive, metavar="N", help="processes that read files (default: one a core)"
    )


def run(options: argparse.Namespace) -> int:
    """Judge, report, and answer with the exit code of the verdict."""
    reports = [_report(text) for text in options.report]
    files = [file for _, file in reports] + ([options.output] if options.output else [])
    for number, file in enumerate(files):
        check_writable(file)
        if any(_is_same(file, other) for other in files[:number]):
            raise UsageError(f"two reports would go to {file}", "Name another file for one of them.")
    paths = [existing_folder(text) for text in options.paths or ["."]]

    from backend_gate.cli.progress import progress
    from backend_gate.gate import Overrides, check

    overrides = Overrides(
        select=_flat(options.select),
        ignore=_flat(options.ignore),
        fail_on=options.fail_on,
        strict=options.strict,
        baseline=_baseline(options),
        use_baseline=not options.no_baseline,
    )
    with ExitStack() as stack:
        with progress(visible=not options.quiet) as notify:
            if options.since is not None or options.staged:
                from backend_gate.compare import check_changes

                judged = stack.enter_context(
                    check_changes(
                        paths,
                        overrides,
                        since=options.since,
                        staged=options.staged,
                        jobs=options.jobs,
                        progress=notify,
                    )
                )
                root, sources, verdict = judged.root, judged.sources, judged.verdict
            else:
                root, verdict = check(paths, overrides, jobs=options.jobs, progress=notify)
                sources = root
        return _report_on(verdict, root, sources, reports, options)


def _report_on(
    verdict: Verdict, root: Path, sources: Path, reports: list[tuple[str, Path]], options: argparse.Namespace
) -> int:
    """Write every report; the exit code of the verdict."""
    rendering = Rendering(
        verdict,
        root,
        sources=sources,
        quiet=options.quiet,
        verbose=options.verbose,
        show_suppressed=options.show_suppressed,
        next_steps=options.staged,
    )
    # A report that cannot be written costs no other one.
    failed = write_files((file, rendering.for_file(form)) for form, file in reports)
    if options.output:
        lost = write_files([(options.output, rendering.for_file(options.format))])
        failed += lost
        if not lost and not options.quiet:
            print_error(f"{rendering.headline} The report is in {options.output}.\n")
    else:
        color = terminal.wants_color(options.no_color)
        print_text(rendering.for_terminal(options.format, color=color), machine=options.format in MACHINE)
    for remark in rendering.remarks:
        print_error(f"backend-gate: {remark}\n")
    for each in failed:
        print_error(f"backend-gate: {each}\n")
    return COULD_NOT_JUDGE if failed else verdict.exit_code


def _is_same(one: Path, other: Path) -> bool:
    """Whether two files are one, of which the second would replace the first."""
    return os.path.realpath(one) == os.path.realpath(other) and (one.is_file() or not one.exists())


def _baseline(options: argparse.Namespace) -> Path | None:
    file: Path | None = options.baseline
    if file is None:
        return None
    if options.no_baseline:
        raise UsageError("--baseline and --no-baseline do not go together", "Leave one of them out.")
    if not file.is_file():
        raise UsageError(f'there is no baseline "{file}"', "`backend-gate baseline write` makes one.")
    return file.resolve()


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _flat(groups: list[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(name for group in groups for name in group)


def _report(text: str) -> tuple[str, Path]:
    form, _, file = text.partition("=")
    if form not in FORMATS or not file:
        raise UsageError(
            f'--report "{text}" is not FORMAT=FILE',
            f"Write for example --report json=gate.json; formats are {', '.join(FORMATS)}.",
        )
    return form, Path(file)
