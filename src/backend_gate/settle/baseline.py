"""The baseline: findings that a team knows and has not mended yet."""

from __future__ import annotations

import msgspec


class BaselineEntry(msgspec.Struct, frozen=True, order=True):
    """One line of a baseline: ``count`` findings with one fingerprint.

    The fields are those of :class:`~backend_gate.settle.fingerprint.Fingerprint`; ``file`` is relative to
    the folder of the baseline, in a verdict to the root of the tree.
    """

    file: str
    rule: str
    symbol: str
    code: str
    count: int = 1
