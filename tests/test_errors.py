"""Every error says where it is, what is wrong and what to do, and means exit code 2."""

from __future__ import annotations

import pytest

from backend_gate.errors import (
    BaselineError,
    DiscoveryError,
    EvidenceError,
    GateError,
    InternalError,
    OutputError,
    RuleFileError,
    SettingsError,
)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (GateError("it is wrong", "Do this."), "it is wrong\nDo this."),
        (SettingsError("it is wrong", "Do this.", file="a.toml", line=3), "a.toml:3: it is wrong\nDo this."),
        (BaselineError("it is wrong", "Do this.", file="b.toml", line=2), "b.toml:2: it is wrong\nDo this."),
        (RuleFileError("it is wrong", "Do this.", file="r.yaml"), "r.yaml: it is wrong\nDo this."),
        (
            OutputError("cannot be written", "Free space.", file="o.json"),
            "o.json: cannot be written\nFree space.",
        ),
        (EvidenceError("is missing", "Run it.", file=".coverage"), ".coverage: is missing\nRun it."),
        (DiscoveryError("there is no x"), "there is no x"),
        (InternalError("app/x.py", "crashed", "Report it."), "app/x.py: crashed\nReport it."),
    ],
)
def test_error_reads_as_place_fault_and_remedy(error: GateError, text: str) -> None:
    assert str(error) == text
    assert isinstance(error, GateError)
    assert error.exit_code == 2


def test_internal_error_always_has_a_hint() -> None:
    assert "report" in InternalError("rule-x", "crashed").hint.lower()
