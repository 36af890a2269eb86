from fastapi import FastAPI
from pydantic import BaseModel

from mast.guards import Open, Sailor

app = FastAPI()


class Log[T](BaseModel):
    entries: list[T]


def first[T](items: list[T], /, *, default: T) -> T:
    return items[0] if items else default


@app.post("/log")
async def write(log: Log[str], by: Sailor) -> str:
    return first(log.entries, default=by)


@app.put("/log")
async def replace(entry: Open, by: Sailor) -> str:  # expect: BG201
    return f"{by}: {entry.get("text")}"


@app.delete("/log/{number}")  # expect: BG101
async def remove(number: int) -> int:
    if (left := number - 1) > 0:
        return left
    return number
