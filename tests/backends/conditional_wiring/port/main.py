from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from port.settings import settings
from port.ships import late, pilot, ships, tools

guards = [Depends(pilot)] if settings.sign_in else []


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.include_router(late, dependencies=[Depends(pilot)])
    yield


app = FastAPI(lifespan=lifespan)

for router in (ships,):
    app.include_router(router, prefix=settings.prefix, dependencies=guards)

if settings.debug:
    app.include_router(tools, dependencies=[Depends(pilot)])
