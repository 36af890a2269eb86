from fastapi import APIRouter, Depends, FastAPI

from fleet.checks import dispatcher, request_id
from fleet.trucks import depots, trucks

inner = APIRouter(prefix="/fleet")
inner.include_router(trucks)

outer = APIRouter()
outer.include_router(inner, prefix="/v1", dependencies=[Depends(dispatcher)])

app = FastAPI(dependencies=[Depends(request_id)])
app.include_router(outer, prefix="/api")
app.include_router(depots, prefix="/api/v1")
