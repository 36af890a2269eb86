"""What the peers' rules about SQL find on the real backends, beside the gate's, and how much of it is true.

bandit (B608), ruff (S608) and semgrep (its Python rules about values in SQL) run on the same sources as the gate.
Up to thirty findings a tool are drawn with a seed and judged by people in ``judgements/peers``: true is a finding
if a value or a name that somebody outside the code can choose gets into the text of a statement, neither escaped
nor checked, *and* the maintainer should change it. Comments that silence a tool are not heeded: the sample shows
what a tool says by itself.

``--reports DIR`` keeps what each tool printed and takes what lies there already, the gate's reports of
``bench.measure --reports DIR`` included. semgrep brings no rules: ``--semgrep-rules CHECKOUT`` names a checkout of
its public repository, which is read for the run and never committed. A tool that is not installed is left out,
said on stderr, and the table is then not written.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import child, corpus, gate, judgements, precision, sample, suites, tables

FOLDER = judgements.FOLDER / "peers"
SEED = 20261130
SIZE = 30
GATE = "backend-gate"
GATE_RULES = (
    "sql-built-from-values",
    "sql-identifier-from-request",
    "sql-identifier-unproved",
    "sql-value-unproved",
    "sql-manual-escape",
)
"""The rules about the text of a statement that run by default, whatever their severity."""
_KEPT = ("check", "sql")
"""Kinds of report of the gate that are kept: of every rule, as ``bench.measure`` leaves it, and of these."""


class PeerError(Exception):
    """A tool cannot be run, or gave no report; the message says which and why."""


class NotInstalledError(PeerError):
    """The tool, or the rules it needs, are not on this machine."""


@dataclasses.dataclass(frozen=True)
class Peer:
    """Another analyser: its command without the target, and how its report is read.

    ``command`` raises :class:`NotInstalledError` if the tool cannot be run here. ``read`` yields file, line, check
    and message of each finding of a report, ``unread`` the files that the tool says it could not read.
    """

    name: str
    command: Callable[[argparse.Namespace], list[str]]
    read: Callable[[Any], Iterable[tuple[str, int, str, str]]]
    unread: Callable[[Any], Iterable[str]]


# --- the peers -----------------------------------------------------------------------------------


def _installed(name: str) -> str:
    """The tool beside this interpreter, or the first on the path."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.is_file() else shutil.which(name)
    if found is None:
        raise NotInstalledError(f"{name} is not installed")
    return found


def _bandit(args: argparse.Namespace) -> list[str]:
    return [_installed("bandit"), "-q", "-r", "-f", "json", "-t", "B608", "--ignore-nosec"]


def _ruff(args: argparse.Namespace) -> list[str]:
    options = ["--isolated", "--no-cache", "--target-version", "py314", "--select", "S608", "--ignore-noqa"]
    return [_installed("ruff"), "check", *options, "--output-format", "json"]


def _semgrep(args: argparse.Namespace) -> list[str]:
    tool = _installed("semgrep")
    if args.semgrep_rules is None:
        raise NotInstalledError("semgrep has no rules; pass --semgrep-rules CHECKOUT")
    options = [
        "--metrics",
        "off",
        "--disable-version-check",
        "--disable-nosem",
        "--no-git-ignore",
        "--timeout",
        "60",
    ]
    for file in semgrep_rules(args.semgrep_rules):
        options += ["--config", str(file)]
    return [tool, "scan", "--quiet", "-j", "1", "--json", *options]


def semgrep_rules(checkout: Path) -> list[Path]:
    """The files of the rules about values in SQL; raises :class:`PeerError` if there are none."""
    files = sorted((checkout.resolve() / "python").rglob("*.yaml"))
    found = [
        file for file in files if suites.SEMGREP_RULES.search(file.relative_to(checkout.resolve()).as_posix())
    ]
    if not found:
        raise PeerError(f"{checkout} holds none of semgrep's Python rules about SQL")
    return found


def _read_bandit(document: Any) -> Iterable[tuple[str, int, str, str]]:
    for raw in document["results"]:
        yield raw["filename"], raw["line_number"], raw["test_id"], raw["issue_text"]


def _read_ruff(document: Any) -> Iterable[tuple[str, int, str, str]]:
    for raw in document:
        # A file that it cannot parse is an entry without the code of a rule of ours.
        if raw["code"] == "S608":
            yield raw["filename"], raw["location"]["row"], raw["code"], raw["message"]


def _read_semgrep(document: Any) -> Iterable[tuple[str, int, str, str]]:
    for raw in document["results"]:
        # In front of a rule's name stands the folder it was read from.
        check = raw["check_id"].rpartition(".")[2]
        yield raw["path"], raw["start"]["line"], check, raw["extra"]["message"]


PEERS = (
    Peer("bandit", _bandit, _read_bandit, lambda d: [raw["filename"] for raw in d["errors"]]),
    Peer("ruff", _ruff, _read_ruff, lambda d: [raw["filename"] for raw in d if raw["code"] != "S608"]),
    Peer(
        "semgrep",
        _semgrep,
        _read_semgrep,
        lambda d: sorted({str(raw.get("path", raw["message"])) for raw in d["errors"]}),
    ),
)


def findings(peer: Peer, document: Any, root: Path) -> list[gate.Finding]:
    """The findings of a report, by place; files are named below ``root``."""
    found: list[gate.Finding] = []
    for file, line, check, message in peer.read(document):
        # Made absolute and not resolved: a link below the root stays below it.
        name = Path(os.path.relpath(root.resolve() / file, root.resolve())).as_posix()
        text = " ".join(message.split())
        found.append(gate.Finding(peer.name, name, line, "", text, check, "", {"check": check}))
    return sorted(found, key=lambda f: (f.file, f.line, f.subject))


def ask(peer: Peer, args: argparse.Namespace, root: Path) -> Any:
    """What the peer says of the sources below ``root``; raises :class:`PeerError` if that is no report."""
    command = peer.command(args)
    # semgrep's launcher looks for its second half on the path.
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    outcome = child.run([*command, "."], cwd=root, env={**os.environ, "PATH": path}, timeout=args.timeout)
    if outcome.exit_code is None:
        raise PeerError(f"{peer.name}, {root.name}: no answer within {args.timeout:.0f} s")
    try:
        return json.loads(outcome.stdout)
    except json.JSONDecodeError:
        said = outcome.stderr.strip()[-400:]
        raise PeerError(
            f"{peer.name}, {root.name}: exit code {outcome.exit_code}, no report: {said}"
        ) from None


def report(peer: Peer, args: argparse.Namespace, subject: corpus.Subject, root: Path) -> list[gate.Finding]:
    """The peer's findings on one backend, from the report that was kept or from a run."""
    kept = None if args.reports is None else args.reports / f"{subject.folder}.{peer.name}.json"
    if kept is not None and kept.exists():
        document = json.loads(kept.read_text("utf-8"))
    else:
        document = ask(peer, args, root)
        if kept is not None:
            _keep(kept, document)
    for file in peer.unread(document):
        print(f"{peer.name}, {subject.title}: not read, or not by every rule: {file}", file=sys.stderr)
    return findings(peer, document, root)


def _keep(path: Path, document: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), "utf-8")


def gate_report(args: argparse.Namespace, subject: corpus.Subject, root: Path) -> list[gate.Finding]:
    """The gate's findings about SQL on one backend, each under the gate's name as those of the peers."""
    places = (
        [] if args.reports is None else [args.reports / f"{subject.folder}.{kind}.json" for kind in _KEPT]
    )
    lying = next((path for path in places if path.exists()), None)
    if lying is not None:
        document = json.loads(lying.read_text("utf-8"))
    else:
        document = gate.from_arguments(args).check(root, "--select", ",".join(GATE_RULES)).document
        if places:
            _keep(places[-1], document)
    found = [gate.finding_of(raw) for raw in gate.each_fault(document)]
    return [
        dataclasses.replace(f, rule=GATE, subject=f"{f.rule}: {f.subject}")
        for f in found
        if f.rule in GATE_RULES
    ]


# --- the sample and the table --------------------------------------------------------------------


def drawn(
    tool: str, found: Mapping[str, Sequence[gate.Finding]], before: Iterable[judgements.Judgement], seed: int
) -> list[judgements.Judgement]:
    """The sample of one tool. Nobody judges it blind: the definition is the same for all tools."""
    chosen = sample.draw(seed, tool, found, SIZE)
    return [dataclasses.replace(j, judge="a") for j in sample.entries(tool, chosen, before)]


def table(
    subjects: Sequence[corpus.Subject],
    found: Mapping[str, Mapping[str, Sequence[gate.Finding]]],
    judged: Mapping[str, Sequence[judgements.Judgement]],
) -> str:
    """Tool by tool the findings on each backend, and how many of the sample are true."""
    head = ["tool", *(s.name for s in subjects), "together", "judged", "true", "precision", "at least (95 %)"]
    body: list[list[object]] = []
    for tool, own in found.items():
        counts = [len(own[s.title]) for s in subjects]
        row = precision.precision(tool, judged[tool])
        body.append(
            [
                tool,
                *counts,
                sum(counts),
                row.judged if not row.open else f"{row.judged} (+{row.open} open)",
                row.true,
                tables.percent(row.true, row.judged),
                f"{100 * row.lower:.0f} %" if row.judged else None,
            ]
        )
    return tables.table(head, body)


def measure(
    args: argparse.Namespace, sources: Sequence[tuple[corpus.Subject, Path]]
) -> tuple[dict[str, dict[str, list[gate.Finding]]], bool]:
    """Findings by tool and backend, and whether every tool could be asked."""
    found: dict[str, dict[str, list[gate.Finding]]] = {
        GATE: {subject.title: gate_report(args, subject, root) for subject, root in sources}
    }
    complete = True
    for peer in PEERS:
        own: dict[str, list[gate.Finding]] = {}
        try:
            for subject, root in sources:
                print(f"{peer.name}, {subject.title} …", file=sys.stderr, flush=True)
                own[subject.title] = report(peer, args, subject, root)
        except NotInstalledError as error:
            print(f"bench.peers: LEFT OUT: {error}", file=sys.stderr)
            complete = False
        else:
            found[peer.name] = own
    return found, complete


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tools that are installed, draw their samples, and print the table."""
    parser = argparse.ArgumentParser(prog="bench.peers", description=main.__doc__)
    corpus.add_arguments(parser)
    gate.add_arguments(parser)
    parser.add_argument(
        "--reports", type=Path, metavar="DIR", help="keep reports there, use those that lie there"
    )
    parser.add_argument(
        "--semgrep-rules", type=Path, metavar="CHECKOUT", help="a checkout of semgrep's rules"
    )
    parser.add_argument("--seed", type=int, default=SEED, help="seed of the draw (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=FOLDER, metavar="DIR", help="the judgements")
    parser.add_argument("--write", action="store_true", help="put the table into docs/measurements.md")
    args = parser.parse_args(argv)
    published = [s for s in corpus.SUBJECTS if s.measured and s.published]
    try:
        sources = corpus.sources(args, published)
        found, complete = measure(args, sources)
        judged: dict[str, list[judgements.Judgement]] = {}
        print(f"seed {args.seed}, up to {SIZE} findings a tool")
        for tool, own in found.items():
            path = judgements.path_of(tool, args.folder)
            judged[tool] = drawn(tool, own, judgements.load(path)[1], args.seed)
            if len(sources) == len(published):
                judgements.save(path, args.seed, judged[tool])
    except (corpus.CorpusError, gate.GateError, judgements.JudgementError, PeerError) as error:
        print(f"bench.peers: {error}", file=sys.stderr)
        return 2
    content = table([subject for subject, _ in sources], found, judged)
    print(content)
    if args.write:
        if not complete or len(sources) != len(published):
            print("bench.peers: a tool or a backend is missing, nothing written", file=sys.stderr)
            return 2
        tables.write_block("peers", f"{content}\n\nSeed {args.seed}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
