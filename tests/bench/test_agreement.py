from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bench import agreement, corpus


def _inventory(truth: Path) -> dict[str, Any]:
    """What a gate that agrees with the framework in everything would print."""
    with gzip.open(truth, "rt") as stream:
        rows = json.load(stream)["routes"]
    return {
        "endpoints": [
            {
                "methods": row["methods"],
                "path": row["path"],
                "handler": row["handler"],
                "file": row.get("file"),
                "line": row.get("line"),
                "app": "main.app",
                "dependencies": row["dependencies"],
                "auth": {"verdict": "unresolved", "required": None},
                "bodies": [{"name": b["name"], "untyped": b["is_untyped_dict"]} for b in row["body"]],
            }
            for row in rows
            if row.get("handler")
        ],
        "unresolved": [],
    }


SUBJECTS = [s for s in corpus.SUBJECTS if s.truth]


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda s: s.name)
def test_the_frameworks_own_answer_agrees_with_itself(subject: corpus.Subject) -> None:
    truth, labels = agreement.truth_files(subject)
    found = agreement.compare(truth, _inventory(truth), labels)
    assert found.scores["route_recall"] == 1
    assert found.scores["route_precision"] == 1
    assert found.scores["handler_match"] == 1
    assert found.scores["dependency_exact"] == 1
    if subject.labelled:
        assert found.scores["auth_decided"] == pytest.approx(0, abs=0.001)


def test_a_lost_route_and_a_wrong_body_are_counted() -> None:
    subject = next(s for s in SUBJECTS if s.name == "prefect")
    truth, labels = agreement.truth_files(subject)
    inventory = _inventory(truth)
    untyped = [e for e in inventory["endpoints"] if any(b["untyped"] for b in e["bodies"])]
    typed = next(e for e in inventory["endpoints"] if e["bodies"] and e not in untyped)
    typed["bodies"][0]["untyped"] = True
    inventory["endpoints"].remove(untyped[0])
    found = agreement.compare(truth, inventory, labels)
    right, wrong, true = found.untyped()
    assert (right, wrong, true) == (3, 1, 4)
    assert len(found.differences["missing"]) == 1
    table = agreement.agreement_table([(subject, found)])
    assert "| prefect 3.7.2 | 193 | 99.5 % |" in table
    assert table.splitlines()[-1].endswith("| 4 | 75.0 % | 75.0 % |")
