"""What the run of a handler shows of it, as far as that tells whether anybody may call it."""

from __future__ import annotations

from typing import NamedTuple

from backend_gate.backend.public_rows import Change, Rows


class Shown(NamedTuple):
    """``rows`` are what is stored and reaches an answer; ``changes_rows``: some that are there are changed;
    ``change``: what it changes of rows, files and other services.

    ``computes``: it touches nothing; ``is_gone``: whatever is asked, it fails; ``counts``: it gives numbers alone,
    about the process. ``asset``: it gives a file of the pages, ``file`` any file, ``pages`` whatever belongs to the
    pages. ``short_link``: it redirects to what one row says. ``sign_up`` and ``published`` are the settings by
    which it refuses. ``beside``: what is stored and reaches an answer that is no redirect; ``number``: it promises
    a single number; ``page``: it gives a page or file; ``store``: it gives, at the root, what other requests have
    left in memory; ``closed_by``: the setting without which it refuses everybody; ``doubt``: why only who runs the
    service can tell whether anybody may call it.
    """

    rows: Rows = Rows.NONE
    changes_rows: bool = False
    change: Change = Change.NONE
    computes: bool = False
    is_gone: bool = False
    asset: bool = False
    file: bool = False
    pages: bool = False
    counts: bool = False
    short_link: bool = False
    sign_up: str = ""
    published: str = ""
    beside: Rows = Rows.NONE
    number: bool = False
    page: bool = False
    store: bool = False
    closed_by: str = ""
    doubt: str = ""
