from fastapi import FastAPI
from fastapi.middleware import Middleware
from fastapi.middleware.cors import CORSMiddleware

from mill.api import SACKS
from mill.tokens import ConsoleSecret

app = FastAPI(middleware=[Middleware(CORSMiddleware, allow_origins=["https://mill.example"]), Middleware(ConsoleSecret)])


@app.delete("/sacks")
async def clear() -> int:
    count = len(SACKS)
    SACKS.clear()
    return count
