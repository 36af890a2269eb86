"""Services are chosen among what distributions offer, by group and name."""

from collections import defaultdict
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points


class Group(StrEnum):
    CORE = "guild"
    SERVICES = "guild.services"


def chosen(*, group: str, name: str | None = None) -> list[EntryPoint]:
    selected = entry_points().select(group=group)
    if name is not None:
        selected = selected.select(name=name)
    found = defaultdict(list)
    for point in selected:
        found[point.module.split(".")[0]].append(point)
    order = sorted({point.module for point in entry_points().select(group=Group.CORE)})
    return [point for module in order for point in found.get(module, [])]
