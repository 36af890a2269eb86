from fastapi import Body, FastAPI, Request

from club.decorators import members_only, members_only_unwrapped, timed

app = FastAPI()
COURTS: list[str] = []


@app.get("/courts")
@timed("courts")
@members_only
async def courts(request: Request) -> list[str]:
    return COURTS


@app.get("/courts/mine")
@members_only_unwrapped
async def my_courts(request: Request) -> list[str]:
    return [court for court in COURTS if court == request.cookies.get("member")]


@app.post("/courts/{court}")  # expect: BG101
@timed("book")
async def book(court: str) -> list[str]:
    COURTS.append(court)
    return COURTS


@members_only  # expect: BG107
@app.delete("/courts/{court}")
async def cancel(court: str, request: Request) -> list[str]:
    COURTS[:] = [other for other in COURTS if other != court]
    return COURTS
