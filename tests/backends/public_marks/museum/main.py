from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException

from museum.doors import visitor

app = FastAPI()
hours: dict[str, str] = {}
lists: dict[UUID, list[str]] = {}


@app.get("/opening-hours")
def opening_hours() -> dict[str, str]:
    return hours


@app.put("/opening-hours/{day}")  # expect: BG101
def set_hours(day: str, text: str) -> None:
    """Not a public endpoint."""
    hours[day] = text


@app.get("/halls/{hall}/plan")
def plan(hall: str) -> list[str]:
    return [day for day in hours if day.startswith(hall)]


@app.post("/visits")
def announce(day: str, people: int) -> None:
    """Announce a visit. This endpoint does not require authentication: schools have no account."""
    hours[day] = f"{people} people"


@app.get("/lists/shared/{list_id}")
def shared(list_id: UUID) -> list[str]:
    if list_id not in lists:
        raise HTTPException(404)
    return lists[list_id]


@app.post("/lists/{list_id}")
def add(list_id: UUID, item: str, who: str = Depends(visitor)) -> None:
    lists.setdefault(list_id, []).append(f"{item} ({who})")


@app.get("/lists/{list_id}")  # expect: BG101
def read(list_id: UUID) -> list[str]:
    """All items of a list."""
    if list_id not in lists:
        raise HTTPException(404)
    return lists[list_id]
