from fastapi import APIRouter, Depends, FastAPI

from desk import tickets


def add_all(target: APIRouter) -> APIRouter:
    target.include_router(tickets.router)

    @target.get("/agents/{name}")  # expect: BG101
    def agent_page(name: str) -> list[str]:
        return [f"{name}: {title}" for title in tickets.OPEN]

    return target


app = FastAPI()
app.include_router(add_all(APIRouter()))
app.include_router(add_all(APIRouter(prefix="/{tenant}", dependencies=[Depends(tickets.tenant)])))
