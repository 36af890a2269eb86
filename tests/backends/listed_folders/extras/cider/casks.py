"""No word of the framework: the router comes from next door."""

from .router import router

CASKS: dict[str, int] = {}


@router.delete("/casks/{name}")  # expect: BG101
def empty(name: str) -> None:
    del CASKS[name]
