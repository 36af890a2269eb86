"""``python -m backend_gate``"""

from __future__ import annotations

from backend_gate.cli.entry import start

if __name__ == "__main__":
    start()
