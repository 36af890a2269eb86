"""From a verdict to the text of a report, by the name of its format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from backend_gate.cli import terminal

if TYPE_CHECKING:
    from backend_gate.settle.verdict import Verdict

FORMATS = ("console", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")
MACHINE = frozenset(FORMATS) - {"console", "concise"}
"""The formats that programs read: always UTF-8, and the same on every machine."""


class Rendering:
    """Renders one verdict in several formats. Only the modules of the formats asked for are loaded.

    ``remarks`` collects sentences for whoever asked for the reports, such as what had to be left out.
    """

    def __init__(
        self,
        verdict: Verdict,
        root: Path,
        *,
        sources: Path | None = None,
        quiet: bool,
        verbose: bool,
        show_suppressed: bool = False,
        next_steps: bool = False,
    ) -> None:
        """``root`` is the folder that files are relative to; ``sources`` one where they stand as they were
        judged, if that is another. ``next_steps``: short reports end with what to do."""
        self._verdict = verdict
        self._next_steps = next_steps
        self._sources = sources or root
        self._show_suppressed = show_suppressed
        self._root = root
        self._quiet = quiet
        self._verbose = verbose
        self.remarks: list[str] = []

    @property
    def headline(self) -> str:
        """The verdict in one sentence."""
        from backend_gate.report.sentences import headline

        return headline(self._verdict)

    def for_terminal(self, form: str, *, color: bool) -> str:
        """The report for standard output: as wide as the terminal, in colours if wanted."""
        return self._render(
            form, color=color, unicode=terminal.has_unicode(), width=terminal.width(), quiet=self._quiet
        )

    def for_file(self, form: str) -> str:
        """The report for a file: complete, without colours, the same on every terminal."""
        return self._render(form, color=False, unicode=True, width=100, quiet=False)

    def _render(self, form: str, *, color: bool, unicode: bool, width: int, quiet: bool) -> str:
        if form in MACHINE:
            return self._for_machine(form)
        from backend_gate.report.source import SourceReader

        prefix = terminal.prefix(self._root)
        if form == "concise":
            from backend_gate.report import concise

            return concise.render(
                self._verdict,
                prefix=prefix,
                quiet=quiet,
                verbose=self._verbose,
                show_suppressed=self._show_suppressed,
                next_steps=self._next_steps,
            )
        from backend_gate.report.console import Style, render

        style = Style(
            width=width,
            color=color,
            unicode=unicode,
            quiet=quiet,
            verbose=self._verbose,
            show_suppressed=self._show_suppressed,
            prefix=prefix,
        )
        return render(self._verdict, SourceReader(self._sources), style)

    def _for_machine(self, form: str) -> str:
        if form == "json":
            from backend_gate.report.json import render_check

            return render_check(self._verdict)
        from backend_gate.report.source import SourceReader

        prefix = self._in_repository
        if form == "sarif":
            from backend_gate.report import sarif

            sources = SourceReader(self._sources)
            log = sarif.render(self._verdict, sources, prefix=prefix, with_held_back=self._show_suppressed)
            self.remarks += log.remarks
            return log.text
        if form == "gitlab":
            from backend_gate.report import gitlab

            return gitlab.render(self._verdict, SourceReader(self._sources), prefix=prefix)
        if form == "github":
            from backend_gate.report import github

            return github.render(self._verdict, prefix=prefix)
        if form == "junit":
            from backend_gate.report import junit

            return junit.render(self._verdict, prefix=prefix)
        from backend_gate.report import markdown

        return markdown.render(self._verdict, prefix=prefix)

    @property
    def _in_repository(self) -> str:
        """What leads from the top of the repository to the root: empty, or a path that ends with ``/``."""
        from backend_gate.settings import boundary

        inside = self._root.resolve().relative_to(boundary(self._root)).as_posix()
        return "" if inside == "." else f"{inside}/"
