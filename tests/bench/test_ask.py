from __future__ import annotations

import copy
import gzip
import json

from bench import agreement, ask, corpus


def _truth() -> dict[str, object]:
    subject = next(s for s in corpus.SUBJECTS if s.name == "prefect" and s.truth)
    with gzip.open(agreement.truth_files(subject)[0], "rt") as stream:
        document: dict[str, object] = json.load(stream)
    return document


def test_every_fastapi_truth_has_a_recipe() -> None:
    assert set(ask.recipes()) == {s.truth for s in corpus.SUBJECTS if s.truth}
    assert ask.recipes()["fullstack"].folder == "backend"


def test_the_same_answer_has_no_differences() -> None:
    assert list(ask.differences(_truth(), _truth())) == []


def test_each_kind_of_difference_is_told() -> None:
    truth = _truth()
    answer = copy.deepcopy(truth)
    rows = [r for r in answer["routes"] if r["kind"] == "api" and r["dependencies"]]  # type: ignore[attr-defined]
    rows[0]["handler"] = "elsewhere"
    rows[1]["dependencies"] = []
    rows[2]["path"] = "/new"
    next(b for r in rows for b in r["body"] if b["is_untyped_dict"])["is_untyped_dict"] = False
    found = list(ask.differences(truth, answer))
    assert len(found) == 5
    assert sum("only in" in line for line in found) == 2
    assert sum(": handler: " in line for line in found) == 1
    assert sum(": dependencies: " in line for line in found) == 1
    assert sum(": untyped: " in line for line in found) == 1
