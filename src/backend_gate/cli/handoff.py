"""``backend-gate handoff``: one verdict and one bundle."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from backend_gate.cli.options import Subparsers, add_command, existing_folder, positive
from backend_gate.cli.output import check_writable, print_error, print_text, write_files
from backend_gate.errors import COULD_NOT_JUDGE, OutputError

if TYPE_CHECKING:
    from backend_gate.settle.handoff import Handoff

_FOLDER = Path("backend-gate-handoff")
_FEW = 10

_DESCRIPTION = """\
Judges whether a backend can be handed on: every finding that blocks a handoff fails it, every
suite of tests needs evidence that fits the source (`backend-gate test` makes it), and of most
endpoints it has to be known who may call them. Writes a folder:

  handoff.md     for people: verdict, what to mend, every endpoint, tests, exceptions
  handoff.json   the same for programs and coding agents
  gate.sarif     the findings for code scanning
  handoff.html   with --html: one page that needs nothing else"""

_EXAMPLES = """
  backend-gate handoff                             the backend in this folder
  backend-gate handoff services/orders --html      with the page
  backend-gate handoff --output build/handoff      into another folder
"""


def register(commands: Subparsers) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "handoff",
        summary="judge a handoff and write its bundle",
        description=_DESCRIPTION,
        examples=_EXAMPLES,
    )
    parser.set_defaults(run=run)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="folders to judge (default: this one)")
    parser.add_argument(
        "--output",
        type=Path,
        default=_FOLDER,
        metavar="FOLDER",
        help=f"folder of the bundle (default: {_FOLDER})",
    )
    parser.add_argument("--html", action="store_true", help="write handoff.html as well")
    parser.add_argument(
        "--jobs", type=positive, metavar="N", help="processes that read files (default: one a core)"
    )


def run(options: argparse.Namespace) -> int:
    """Judge, write the bundle, say what stands in the way: 0 ready, 1 not ready, 2 could not be judged."""
    paths = [existing_folder(text) for text in options.paths or ["."]]
    folder: Path = options.output
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot be made: {error.strerror}", "Choose a place that you may write to.", file=folder
        ) from error
    names = ["handoff.md", "handoff.json", "gate.sarif", *(["handoff.html"] if options.html else [])]
    home = Path.cwd() if folder == _FOLDER else None
    for name in names:
        check_writable(folder / name, home=home)

    from backend_gate.cli.progress import progress
    from backend_gate.cli.rendering import Rendering
    from backend_gate.gate import handoff
    from backend_gate.report import handoff_json, handoff_markdown

    with progress() as notify:
        found = handoff(paths, jobs=options.jobs, progress=notify)
    texts = {
        "handoff.md": handoff_markdown.render(found),
        "handoff.json": handoff_json.render(found),
        "gate.sarif": Rendering(found.verdict, found.root, quiet=False, verbose=True).for_file("sarif"),
    }
    if options.html:
        from backend_gate.report import handoff_html
        from backend_gate.report.source import SourceReader

        texts["handoff.html"] = handoff_html.render(found, SourceReader(found.root))
    failed = write_files(((folder / name, texts[name]) for name in names), home=home)
    written = [name for name in names if not any(lost.file == str(folder / name) for lost in failed)]
    print_text(_summary(found, folder, written))
    for lost in failed:
        print_error(f"backend-gate: {lost}\n")
    return COULD_NOT_JUDGE if failed else found.exit_code


def _summary(found: Handoff, folder: Path, names: list[str]) -> str:
    from backend_gate.report.handoff_markdown import headline
    from backend_gate.report.sentences import endpoint_sentence, suite_lines
    from backend_gate.report.text import one_line, path_text, sentence

    lines = [f"{headline(found)}." if not found.reasons else f"{headline(found)}:"]
    lines += [f"  - {sentence(one_line(reason))}" for reason in found.reasons]
    lines += [endpoint_sentence(found.verdict.endpoints), *suite_lines(found.verdict.suites)]
    if found.blocking:
        lines += ["", "To be mended:"]
        for finding in found.blocking[:_FEW]:
            where = f"{path_text(finding.place.file)}:{finding.place.span.line}"
            lines.append(f"  {where}  {sentence(one_line(finding.message))}")
        if len(found.blocking) > _FEW:
            lines.append(f"  … and {len(found.blocking) - _FEW:,} more, in {folder / 'handoff.md'}")
    if names:
        lines += ["", f"In {folder}: {', '.join(names)}"]
    return "".join(f"{line}\n" for line in lines)
