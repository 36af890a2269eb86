"""``python -m backend_gate``"""

from __future__ import annotations

import sys

from backend_gate.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
