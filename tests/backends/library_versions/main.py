"""A library that mounts an application of its own for each version, with the routes of the versions before it."""

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.security import APIKeyHeader
from fastapi_versioning import VersionedFastAPI, version, versioned_api_route
from starlette.responses import PlainTextResponse

CARGO: list[str] = []
KEYS = {"a key of this example"}


def signed_in(key: str = Depends(APIKeyHeader(name="x-key"))) -> None:
    if key not in KEYS:
        raise HTTPException(401)


app = FastAPI(title="Harbour")
ships = APIRouter(prefix="/ships", dependencies=[Depends(signed_in)])
crews = APIRouter(prefix="/crews", route_class=versioned_api_route(1, 2))


@app.middleware("http")
async def behind(request: Request, call_next):
    """Stays with the application that is taken apart: no version passes it."""
    if request.headers.get("x-key") not in KEYS:
        return PlainTextResponse("unknown key", status_code=401)
    return await call_next(request)


@app.post("/load")  # expect: BG101
def load(crate: str) -> None:
    CARGO.append(crate)


@app.post("/load")
@version(2)
def load_with_key(crate: str, known: None = Depends(signed_in)) -> None:
    CARGO.append(crate)


@ships.delete("/{name}")
@version(2, 1)
def scrap(name: str) -> None:
    CARGO.remove(name)


@ships.post("")
@version(1)
def launch(name: str) -> None:
    CARGO.append(name)


@crews.post("")  # expect: BG101
def hire(name: str) -> None:
    CARGO.append(name)


ships.include_router(crews, prefix="/{ship}")
app.include_router(crews)
app.include_router(ships)
app = VersionedFastAPI(app, prefix_format="/v{major}.{minor}", enable_latest=True)


@app.post("/unload")  # expect: BG101
def unload(crate: str) -> None:
    CARGO.remove(crate)
