from fastapi import Depends, FastAPI

from lodge.entry import enter
from lodge.settings import Entry, current

app = FastAPI()


@app.get("/rooms")
def rooms(guest: str = Depends(enter)) -> list[str]:
    return [guest]


if current.entry != Entry.CHAIN:

    @app.post("/keys")
    def cut_key(guest: str = Depends(enter)) -> list[str]:
        return [guest]


if current.keeps_ledger:

    @app.get("/ledger")
    def ledger(guest: str = Depends(enter)) -> list[str]:
        return [guest]


if current.rooms > 4:

    @app.get("/dormitory")
    def dormitory(guest: str = Depends(enter)) -> list[str]:
        return [guest]
