"""The judged findings in ``bench/judgements``: one YAML file a rule, written by people, read here."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent / "judgements"
_KEYS = {"project", "file", "line", "rule", "subject", "message", "judge", "verdict", "reason"}


class JudgementError(Exception):
    """A judgement file is not as it should be; the message names file and entry."""


@dataclasses.dataclass(frozen=True)
class Judgement:
    """One finding and what a reader of the source thinks of it.

    ``project`` is the backend's name and version. ``judge`` is ``a`` (has seen the tool's message and
    reasoning) or ``b`` (has seen place and rule only). ``verdict``: the rule's definition holds in the
    source *and* the maintainer should change it; ``None`` while nobody has judged.
    """

    project: str
    file: str
    line: int
    rule: str
    subject: str
    message: str
    judge: str
    verdict: bool | None = None
    reason: str = ""

    @property
    def identity(self) -> tuple[str, str, str, int, str]:
        """What makes it the same finding in another run on the same version of the backend."""
        return (self.project, self.rule, self.file, self.line, self.subject)


def path_of(rule: str, folder: Path = FOLDER) -> Path:
    """Where the judgements of a rule stand."""
    return folder / f"{rule}.yaml"


def load(path: Path) -> tuple[int | None, list[Judgement]]:
    """Seed and judgements of one file; ``(None, [])`` if it does not exist.

    Raises :class:`JudgementError` for anything that is not a judgement.
    """
    if not path.exists():
        return None, []
    document = yaml.safe_load(path.read_text("utf-8"))
    if not isinstance(document, dict) or set(document) != {"seed", "findings"}:
        raise JudgementError(f"{path.name}: expected the keys 'seed' and 'findings'")
    found = [_judgement(path, index, raw) for index, raw in enumerate(document["findings"], 1)]
    seen: set[tuple[str, str, str, int, str]] = set()
    for judgement in found:
        if judgement.identity in seen:
            raise JudgementError(f"{path.name}: {judgement.file}:{judgement.line} stands there twice")
        seen.add(judgement.identity)
    return int(document["seed"]), found


def _judgement(path: Path, index: int, raw: Any) -> Judgement:
    where = f"{path.name}, finding {index}"
    if not isinstance(raw, dict) or set(raw) != _KEYS:
        raise JudgementError(f"{where}: expected exactly the keys {', '.join(sorted(_KEYS))}")
    if raw["judge"] not in ("a", "b"):
        raise JudgementError(f"{where}: judge is a or b, not {raw['judge']!r}")
    if raw["verdict"] not in (True, False, None):
        raise JudgementError(f"{where}: verdict is true or false, or empty while unjudged")
    if raw["verdict"] is not None and not str(raw["reason"] or "").strip():
        raise JudgementError(f"{where}: a verdict needs a reason")
    if raw["rule"] != path.stem:
        raise JudgementError(f"{where}: rule {raw['rule']} in the file of {path.stem}")
    return Judgement(**{**raw, "reason": raw["reason"] or ""})


def save(path: Path, seed: int, found: Iterable[Judgement]) -> None:
    """Write seed and judgements; the order of the entries is kept."""
    entries = [{**dataclasses.asdict(j), "reason": j.reason or None} for j in found]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(
        {"seed": seed, "findings": entries}, sort_keys=False, allow_unicode=True, width=100, indent=2
    )
    path.write_text(text.replace(": null\n", ":\n"), "utf-8")
