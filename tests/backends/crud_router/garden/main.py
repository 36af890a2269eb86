from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel

from garden.crud import CrudRouter

basic = HTTPBasic()


def gardener(credentials: HTTPBasicCredentials = Depends(basic)) -> str:
    if credentials.password != "spade":
        raise HTTPException(status_code=401)
    return credentials.username


class Plant(BaseModel):
    name: str


class Bed(BaseModel):
    plants: list[Plant]


class Tool(BaseModel):
    name: str


app = FastAPI()
app.include_router(CrudRouter(Plant, dependencies=[Depends(gardener)]))
app.include_router(CrudRouter(Bed, prefix="beds", dependencies=[Depends(gardener)], delete_route=False))
app.include_router(
    CrudRouter(
        Tool,
        list_route=False,
        create_route=[Depends(gardener)],
        delete_route=[Depends(gardener)],
    )
)
