from __future__ import annotations

import pytest

from bench import tables


def test_a_block_is_replaced_and_the_rest_kept() -> None:
    document = "# T\n\n<!-- a:begin -->\nold\n<!-- a:end -->\nprose\n<!-- b:begin -->\n<!-- b:end -->\n"
    changed = tables.replace_block(document, "a", "new")
    assert changed == document.replace("old", "new")
    assert tables.replace_block(changed, "a", "new") == changed


@pytest.mark.parametrize(
    "document",
    [
        "nothing",
        "<!-- a:begin -->",
        "<!-- a:end --><!-- a:begin -->",
        "<!-- a:begin -->" * 2 + "<!-- a:end -->",
    ],
)
def test_unclear_markers_are_refused(document: str) -> None:
    with pytest.raises(tables.MarkerError):
        tables.replace_block(document, "a", "new")


def test_cells() -> None:
    assert tables.table(["n", "x"], [["a|b", 12345], ["c", None]]) == (
        "| n | x |\n| --- | ---: |\n| a\\|b | 12,345 |\n| c | – |"
    )
    assert tables.percent(1, 3) == "33.3 %"
    assert tables.percent(0, 0) is None
