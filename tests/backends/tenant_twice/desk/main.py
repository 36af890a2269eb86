from fastapi import APIRouter, Depends, FastAPI

from desk import tickets


def add_all(target: APIRouter) -> APIRouter:
    target.include_router(tickets.router)

    @target.put("/agents/{name}")  # expect: BG101
    def call_agent(name: str) -> list[str]:
        tickets.OPEN.append(name)
        return tickets.OPEN

    return target


app = FastAPI()
app.include_router(add_all(APIRouter()))
app.include_router(add_all(APIRouter(prefix="/{tenant}", dependencies=[Depends(tickets.tenant)])))
