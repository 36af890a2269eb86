from guild.routing import FillingRouter
from guild.stores import Ledger

router = FillingRouter()


@router.get("/orders")
def orders(ledger: Ledger) -> list[str]:
    return ledger.entries()
