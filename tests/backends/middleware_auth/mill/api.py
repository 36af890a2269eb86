from fastapi import FastAPI

from mill.tokens import RequireToken

app = FastAPI()
app.add_middleware(RequireToken, token="m1ll")
SACKS: list[int] = []


@app.post("/sacks/{weight}")
async def add(weight: int) -> list[int]:
    SACKS.append(weight)
    return SACKS


@app.get("/sacks")
async def sacks() -> list[int]:
    return SACKS
