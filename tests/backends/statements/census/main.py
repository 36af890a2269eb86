import sqlite3

from fastapi import Depends, FastAPI, Header, HTTPException, Request

from census.repository import People
from census.tables import Order


def clerk(authorization: str = Header("")) -> str:
    if authorization != "Clerk anna":
        raise HTTPException(status_code=401)
    return authorization


def people(request: Request) -> People:
    return People(sqlite3.connect("census.db"))


app = FastAPI(dependencies=[Depends(clerk)])


@app.get("/people")
def named(name: str, people: People = Depends(people)) -> list[tuple[str]]:
    return people.named(name)


@app.get("/people/sorted")
def in_order(order: Order = Order.NAME, limit: int = 10, people: People = Depends(people)) -> list[tuple[str]]:
    return people.sorted(order, limit)


@app.post("/people/of")
def of(ids: list[int], people: People = Depends(people)) -> list[tuple[str]]:
    return people.of(ids)


@app.get("/people/where")
def where(town: str | None = None, born: int | None = None, people: People = Depends(people)) -> list[tuple[str]]:
    return people.where(town, born)
