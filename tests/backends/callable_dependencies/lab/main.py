from typing import Annotated, Any

from fastapi import Depends, FastAPI, Security

from lab.permissions import Bench, Gate, IsChemist, Permission, Require, badge, filter_by

app = FastAPI()
chemists = Require([Permission, IsChemist])
store = Gate("store")
SAMPLES: list[str] = []


@app.get("/samples")
def samples(name: Annotated[str, Depends(chemists)]) -> list[str]:
    return [f"{name}: {sample}" for sample in SAMPLES]


@app.post("/samples/{sample}", dependencies=[Depends(Require([IsChemist]))])
def add(sample: str) -> list[str]:
    SAMPLES.append(sample)
    return SAMPLES


@app.delete("/samples/{sample}")
def discard(sample: str, name: str = Depends(badge())) -> str:
    SAMPLES[:] = [other for other in SAMPLES if other != sample]
    return name


@app.put("/samples/order")
def turn(name: str | None = Depends(badge(optional=True))) -> str:  # expect: BG105
    SAMPLES.reverse()
    return f"turned by {name}"


@app.get("/bench/{number}")
def bench(bench: Bench = Depends()) -> int:
    return bench.number


@app.get("/search")
def search(query: Any = Depends(filter_by(colour=str, mass=int))) -> list[str]:
    return [sample for sample in SAMPLES if sample in query.values.values()]


@app.put("/store")
async def fill(name: str = Security(store.enter, scopes=["store"])) -> str:
    SAMPLES.clear()
    return name
