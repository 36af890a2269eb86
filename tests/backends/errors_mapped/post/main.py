from fastapi import Depends, FastAPI, HTTPException

from post.errors import ScaleBroken, add_handlers, clerk
from post.parcels import label, repaired, weigh, weight

app = FastAPI(dependencies=[Depends(clerk)])
add_handlers(app)


@app.get("/parcels/{number}")
def read(number: int) -> float:
    return weight(number)


@app.get("/parcels/{number}/label")
def print_label(number: int) -> str:
    return label(number)


@app.get("/parcels/{number}/weight")
def caught(number: int) -> float:
    try:
        return weigh(number)
    except ScaleBroken:
        raise HTTPException(status_code=503) from None


@app.put("/parcels/{number}/weight")
def translated(number: int) -> float:
    with repaired():
        return weigh(number)


@app.post("/parcels/{number}/weight")
def escapes(number: int) -> float:
    return weigh(number)  # expect: BG401
