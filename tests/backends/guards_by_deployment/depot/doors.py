from fastapi import Depends, FastAPI, HTTPException, Query
from starlette.authentication import requires
from starlette.requests import Request
from starlette.responses import JSONResponse

from depot.gates import UnknownCaller, in_ledger, plugin_user, porter, porter_if_any, unless_open_door

app = FastAPI()
shelves: dict[int, str] = {}


@app.exception_handler(UnknownCaller)
def refuse(request: Request, error: UnknownCaller) -> JSONResponse:
    return JSONResponse({"detail": "Who are you?"}, status_code=401)


@app.post("/plugin/crates", dependencies=[Depends(plugin_user)])
def by_plugin(label: str) -> None:
    shelves[len(shelves)] = label


@app.post("/porter/crates", dependencies=[Depends(porter)])
def by_porter(label: str) -> None:
    shelves[len(shelves)] = label


@app.delete("/porter/crates", dependencies=porter_if_any())
def clear() -> None:
    shelves.clear()


@app.put("/doors/{number}", dependencies=[Depends(unless_open_door)])
def move(number: int, label: str) -> None:
    shelves[number] = label


@app.put("/ledger/{number}", dependencies=[Depends(in_ledger)])
def book(number: int, label: str) -> None:
    shelves[number] = label


@app.patch("/signed-in/crates")
@requires(["authenticated"])
def rename(request: Request, number: int, label: str) -> None:
    shelves[number] = label


@app.post("/labels/{number}")  # expect: BG101
def relabel(request: Request, number: int, label: str, token: str | None = Query(default=None)) -> None:
    """Reads a token and refuses for other reasons only."""
    if number not in shelves:
        raise HTTPException(404, "no such crate")
    if len(label) > 20:
        raise HTTPException(400, "too long")
    shelves[number] = f"{label} ({token})"
