"""SARIF: the official schema, Microsoft's validator, and what GitHub code scanning needs."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import verdicts
from jsonschema import Draft4Validator
from outside import published_backend, validate_sarif
from running import BODIES, TYPED, UNTYPED, gate, gate_here, make_backend

from backend_gate.backend.model import Step
from backend_gate.report.sarif import Limits, Log, render
from backend_gate.report.source import SourceReader
from backend_gate.rules.model import Finding, Related, Severity
from backend_gate.rules.registry import load_registry
from backend_gate.settle.verdict import Suppressed, Verdict, settle

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "tests" / "schemas" / "sarif-schema-2.1.0.json").read_text("utf-8"))


def _log(verdict: Verdict, root: Path, **more: Any) -> Log:
    return render(verdict, SourceReader(verdicts.write_sources(root)), **more)


def _run(log: Log | str) -> dict[str, Any]:
    """The one run of a log that keeps to the schema."""
    document = json.loads(log if isinstance(log, str) else log.text)
    Draft4Validator(SCHEMA).validate(document)
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def _check(*arguments: str, cwd: Path) -> dict[str, Any]:
    done = gate_here("check", *arguments, "--format", "sarif", cwd=cwd)
    assert done.returncode in (0, 1), done.stderr
    return _run(done.stdout)


def _many(number: int, severity: Severity = Severity.INFO) -> tuple[Finding, ...]:
    return tuple(
        Finding("body-model-open", _digest(line), verdicts.place("a.py", line, 1, 2), severity)
        for line in range(1, number + 1)
    )


def _digest(number: int) -> str:
    """A message that does not compress."""
    return hashlib.sha256(str(number).encode()).hexdigest()


# --- the real clients ----------------------------------------------------------------------------


def test_the_validator_has_nothing_to_remark(tmp_path: Path) -> None:
    """On the examples, on problems and cuts, and on what is held back; started once, which takes seconds."""
    logs = {}
    for example in ("faulty", "sound"):
        log = tmp_path / f"{example}.sarif"
        done = gate_here("check", f"examples/{example}", "--format", "sarif", "--output", str(log), cwd=ROOT)
        assert done.returncode == (1 if example == "faulty" else 0)
        logs[example] = log.read_text("utf-8")
        _run(logs[example])
    verdict = verdicts.verdict(problems=(verdicts.PROBLEM,))
    logs["whole"] = _log(verdict, tmp_path).text
    logs["cut"] = _log(verdict, tmp_path, limits=Limits(results=2)).text
    logs["held back"] = _log(_held_back(), tmp_path, with_held_back=True).text
    for name, text in logs.items():
        (tmp_path / f"{name}.sarif").write_text(text, "utf-8")
    assert validate_sarif(*(tmp_path / f"{name}.sarif" for name in logs)) == ""


def test_the_validator_has_nothing_to_remark_on_a_real_backend(tmp_path: Path) -> None:
    backend = published_backend("conda-store-server", "2025.2.2")
    log = tmp_path / "real.sarif"
    done = gate("check", str(backend), "--format", "sarif", "--output", str(log), cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    run = _run(log.read_text("utf-8"))
    assert len(run["results"]) > 5
    assert any("codeFlows" in result for result in run["results"])
    assert all("partialFingerprints" in result for result in run["results"])
    assert str(backend) not in log.read_text("utf-8")
    assert validate_sarif(log) == ""


def test_the_validator_finds_what_is_wrong(tmp_path: Path) -> None:
    document = json.loads(_log(verdicts.verdict(), tmp_path).text)
    del document["runs"][0]["results"][0]["locations"]
    log = tmp_path / "wrong.sarif"
    log.write_text(json.dumps(document), "utf-8")
    assert "GH1015" in validate_sarif(log)


# --- rules ---------------------------------------------------------------------------------------


def test_rules_carry_what_github_shows(tmp_path: Path) -> None:
    run = _run(_log(verdicts.verdict(), tmp_path))
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["BG101", "BG201", "BG202", "BG301"]
    first = rules[0]
    assert first["name"] == "EndpointWithoutAuth"
    assert first["help"]["markdown"].startswith("# BG101 endpoint-without-auth\n")
    assert first["defaultConfiguration"] == {"level": "error"}
    assert first["properties"] == {
        "precision": "high",
        "problem.severity": "error",
        "tags": ["quality", "auth", "external/cwe/cwe-306", "external/owasp/api2-2023"],
    }


def test_only_rules_about_security_have_a_security_severity() -> None:
    run = _run(render(settle([], rules=load_registry_specs()), SourceReader(ROOT)))
    for rule in run["tool"]["driver"]["rules"]:
        properties = rule["properties"]
        assert ("security" in properties["tags"]) == ("security-severity" in properties), rule["id"]
        is_security = any(tag.startswith("external/owasp/") for tag in properties["tags"])
        assert is_security == ("security-severity" in properties), (
            f"{rule['id']}: a rule with `owasp` needs `security_severity`, and only such a rule has one"
        )
        assert len(properties["tags"]) <= 20


def load_registry_specs() -> dict[str, Any]:
    return dict(load_registry())


# --- places --------------------------------------------------------------------------------------


def test_columns_count_characters_whatever_stands_before_them(tmp_path: Path) -> None:
    line = 'def create(größe: int = len("😀𝒜"), *, daten: dict):  # ✓'
    source = (
        f'from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post("/größe")\n{line}\n    return 1\n'
    )
    run = _check(*BODIES[1:], cwd=make_backend(tmp_path / "shop", source))
    assert run["columnKind"] == "unicodeCodePoints"
    (result,) = run["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region.keys() == {"startLine", "startColumn", "endLine", "endColumn"}
    assert (region["startLine"], region["endLine"]) == (7, 7)
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1] == "daten: dict"


def test_paths_start_at_the_top_of_the_repository(tmp_path: Path) -> None:
    make_backend(tmp_path / "services" / "über uns")
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    run = _check(*BODIES[1:], "services/über uns", cwd=tmp_path)
    location = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "services/%C3%BCber%20uns/shop/main.py", "uriBaseId": "SRCROOT"}
    assert "uri" not in run["originalUriBaseIds"]["SRCROOT"]
    assert run["automationDetails"]["id"] == "backend-gate/services/über uns/"
    inside = _check(*BODIES[1:], cwd=tmp_path / "services" / "über uns")
    assert inside["results"] == run["results"]
    assert str(tmp_path) not in json.dumps(run)


def test_odd_names_of_files_are_quoted(tmp_path: Path) -> None:
    odd = ("c:\\x.py", "a b?#.py", "%41.py", "x\n.py")
    findings = tuple(
        Finding("body-model-open", "odd", verdicts.place(name, 1, 1, 2), Severity.INFO) for name in odd
    )
    run = _run(_log(verdicts.verdict(findings=findings), tmp_path, prefix="\udcff/"))
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]
    }
    assert uris == {f"%FF/{name}" for name in ("c%3A%5Cx.py", "a%20b%3F%23.py", "%2541.py", "x%0A.py")}
    assert run["automationDetails"]["id"] == "backend-gate/\\udcff/"


# --- results -------------------------------------------------------------------------------------


def test_results_hold_fingerprint_flow_and_linked_places(tmp_path: Path) -> None:
    run = _run(_log(verdicts.verdict(), tmp_path, prefix="services/"))
    result = next(item for item in run["results"] if item["ruleId"] == "BG101")
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "BG101"
    assert result["level"] == "error"
    assert result["partialFingerprints"].keys() == {"primaryLocationLineHash"}
    assert [item["id"] for item in result["relatedLocations"]] == [1, 2, 3]
    assert "[services/shop/security.py:4](2): this guard is used elsewhere" in result["message"]["text"]
    (flow,) = result["codeFlows"]
    steps = [step["location"]["message"]["text"] for step in flow["threadFlows"][0]["locations"]]
    assert steps == [step.message for step in verdicts.FINDINGS[0].evidence]


def test_the_most_severe_come_first(tmp_path: Path) -> None:
    rules = {
        **verdicts.RULES,
        "untyped-request-body": msgspec.structs.replace(
            verdicts.RULES["untyped-request-body"], security_severity="6.5"
        ),
    }
    shop = msgspec.structs.replace(verdicts.SHOP)
    run = _run(_log(settle([shop], rules=rules), tmp_path))
    order = [(result["level"], result["ruleId"]) for result in run["results"]]
    assert order == [
        ("error", "BG201"),
        ("error", "BG101"),
        ("error", "BG301"),
        ("error", "BG301"),
        ("note", "BG202"),
    ]


def test_text_of_the_judged_code_makes_no_link_and_hides_nothing(tmp_path: Path) -> None:
    odd = Finding(
        "body-model-open",
        "see [here](1) or [there](https://evil) and a[0](x) \u202e {0} [[table]]",
        verdicts.place("a.py", 1, 1, 2),
        Severity.INFO,
        related=(Related(verdicts.place("a](2)[b.py", 1, 1, 2), "[more](9)"),),
    )
    run = _run(_log(verdicts.verdict(findings=(odd,)), tmp_path))
    text = run["results"][0]["message"]["text"]
    assert text == (
        "See \\[here](1) or \\[there](https://evil) and a\\[0](x) \\u202e {0} [[table]]. "
        "See [a__2__b.py:1](1): \\[more](9)."
    )


def test_what_could_not_be_judged_and_what_is_open_is_said(tmp_path: Path) -> None:
    run = _run(_log(verdicts.verdict(problems=(verdicts.PROBLEM,)), tmp_path))
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    kinds = [item["descriptor"]["id"] for item in invocation["toolExecutionNotifications"]]
    assert kinds == ["unreadable-file", *["open-question"] * len(verdicts.QUESTIONS)]
    assert {item["id"] for item in run["tool"]["driver"]["notifications"]} == set(kinds)


def test_a_pass_is_a_log_without_results(tmp_path: Path) -> None:
    run = _check(*BODIES[1:], cwd=make_backend(tmp_path / "shop", TYPED))
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


# --- findings that do not count ------------------------------------------------------------------


def _held_back() -> Verdict:
    first, second, third, *rest = verdicts.FINDINGS
    comment = verdicts.place("shop/users.py", 7, 1, 9)
    return verdicts.verdict(
        findings=tuple(rest),
        suppressed=(Suppressed(first, comment, "the gateway asks"),),
        baselined=(second,),
        existing=(third,),
    )


def test_what_does_not_count_is_left_out(tmp_path: Path) -> None:
    run = _run(_log(_held_back(), tmp_path))
    assert [result["ruleId"] for result in run["results"]] == ["BG301", "BG202"]
    assert not any("suppressions" in result or "baselineState" in result for result in run["results"])


def test_what_does_not_count_is_marked_if_it_is_asked_for(tmp_path: Path) -> None:
    log = _log(_held_back(), tmp_path, with_held_back=True)
    shown = {
        (result["ruleId"], result["baselineState"], json.dumps(result.get("suppressions", [])))
        for result in _run(log)["results"]
    }
    assert {(rule, state) for rule, state, _ in shown} == {
        ("BG101", "new"),
        ("BG201", "new"),
        ("BG301", "unchanged"),
        ("BG301", "new"),
        ("BG202", "new"),
    }
    by_rule = {rule: json.loads(suppressions) for rule, _, suppressions in shown}
    (comment,) = by_rule["BG101"]
    assert (comment["kind"], comment["justification"]) == ("inSource", "the gateway asks")
    assert comment["location"]["physicalLocation"]["region"]["startLine"] == 7
    assert by_rule["BG201"] == [{"kind": "external", "justification": "In the baseline."}]


def test_a_suppressed_neighbour_changes_no_fingerprint(tmp_path: Path) -> None:
    def name_of_last(verdict: Verdict) -> object:
        run = _run(_log(verdict, tmp_path))
        found = [result for result in run["results"] if result["ruleId"] == "BG301"]
        return found[-1]["partialFingerprints"]

    assert name_of_last(_held_back()) == name_of_last(verdicts.verdict())


def test_the_command_shows_suppressed_findings_if_it_is_asked_to(tmp_path: Path) -> None:
    source = UNTYPED.replace("(data: dict):", "(data: dict):  # gate: ignore[untyped-request-body] a test")
    shop = make_backend(tmp_path / "shop", source)
    assert _check(*BODIES[1:], cwd=shop)["results"] == []
    (result,) = _check(*BODIES[1:], "--show-suppressed", cwd=shop)["results"]
    assert result["suppressions"][0]["justification"] == "a test"


# --- limits --------------------------------------------------------------------------------------


def test_the_limits_are_those_of_github() -> None:
    assert Limits() == Limits(results=25_000, shown=5_000, locations=1_000, steps=10_000, bytes=10_000_000)


def test_the_mildest_are_left_out_and_counted(tmp_path: Path) -> None:
    findings = (*_many(30), *verdicts.FINDINGS)
    log = _log(verdicts.verdict(findings=findings), tmp_path, limits=Limits(results=10))
    run = _run(log)
    assert [result["level"] for result in run["results"]] == ["error"] * 4 + ["note"] * 6
    (remark,) = log.remarks
    assert remark.startswith("25 findings of 35 left out, the mildest ones")
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [note["message"]["text"] for note in notes if note["descriptor"]["id"] == "cut"] == [remark]


def test_a_log_stays_below_the_size_that_github_takes(tmp_path: Path) -> None:
    findings = _many(400)
    limits = Limits(bytes=16_000)
    log = _log(verdicts.verdict(findings=findings, questions=()), tmp_path, limits=limits)
    kept = len(_run(log)["results"])
    assert 50 < kept < 400
    assert len(gzip.compress(log.text.encode())) <= limits.bytes
    assert log.remarks[0].startswith(f"{400 - kept} findings of 400 left out")


def test_more_than_github_shows_is_said(tmp_path: Path) -> None:
    log = _log(verdicts.verdict(findings=_many(20)), tmp_path, limits=Limits(shown=15))
    assert len(_run(log)["results"]) == 20
    assert log.remarks == ("GitHub shows the 15 most severe of these 20 findings.",)


def test_places_and_steps_of_a_result_are_bounded(tmp_path: Path) -> None:
    place = verdicts.place("a.py", 1, 1, 2)
    long = Finding(
        "body-model-open",
        "long",
        place,
        Severity.INFO,
        related=tuple(Related(place, f"place {number}") for number in range(30)),
        evidence=tuple(Step(place, f"step {number}") for number in range(30)),
    )
    run = _run(_log(verdicts.verdict(findings=(long,)), tmp_path, limits=Limits(locations=20, steps=25)))
    (result,) = run["results"]
    assert len(result["locations"]) + len(result["relatedLocations"]) == 20
    assert len(result["codeFlows"][0]["threadFlows"][0]["locations"]) == 25
    assert result["message"]["text"].endswith("[a.py:1](10): place 9; and 20 more places.")
