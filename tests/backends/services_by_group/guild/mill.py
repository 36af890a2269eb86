from guild.routing import FillingRouter
from guild.stores import Ledger

SACKS: list[str] = []
router = FillingRouter(members_only=False)


@router.post("/sacks/{owner}")  # expect: BG101
def bring(owner: str, ledger: Ledger) -> int:
    SACKS.append(owner)
    return len(ledger.entries())


@router.delete("/sacks/{owner}")  # expect: BG101
def take(owner: str) -> None:
    SACKS.remove(owner)
