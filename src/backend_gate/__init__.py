"""backend-gate: the gate that backend code passes before it is handed on."""

from __future__ import annotations

__version__ = "0.1.0"
