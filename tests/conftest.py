"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import settings

# Two cores are shared by much: a slow example is no fault. In CI the same examples are drawn every time.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
