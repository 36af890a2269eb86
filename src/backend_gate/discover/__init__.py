"""Discovery: which files there are, what they are for, and which of them form one backend.

:func:`discover` is the way in. Nothing here imports or runs what it finds, follows a link out of the
tree, or runs git.
"""

from __future__ import annotations

from backend_gate.discover.frameworks import Detected, Evidence, detect, detect_in
from backend_gate.discover.model import (
    ModuleIndex,
    ProjectTree,
    Skipped,
    SourceFile,
    Unit,
    Unreadable,
    Zone,
)
from backend_gate.discover.tree import discover, project_root

__all__ = [
    "Detected",
    "Evidence",
    "ModuleIndex",
    "ProjectTree",
    "Skipped",
    "SourceFile",
    "Unit",
    "Unreadable",
    "Zone",
    "detect",
    "detect_in",
    "discover",
    "project_root",
]
