"""Discovery: which files there are, what they are for, and which of them form one backend.

:func:`discover` is the way in; :mod:`backend_gate.discover.frameworks` names the frameworks. Nothing here
imports or runs what it finds, follows a link out of the tree, or runs git.
"""

from __future__ import annotations

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
    "ModuleIndex",
    "ProjectTree",
    "Skipped",
    "SourceFile",
    "Unit",
    "Unreadable",
    "Zone",
    "discover",
    "project_root",
]
