"""Libraries whose objects and factories are guards, routers made of a schema, and applications that are mounted."""

from another_fastapi_jwt_auth import AuthJWT
from another_fastapi_jwt_auth.exceptions import AuthJWTException
from ariadne.asgi import GraphQL
from fastapi import Depends, FastAPI, HTTPException, Request, Security
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from fastapi_crudrouter import MemoryCRUDRouter
from fastapi_jwt import JwtAccessBearer, JwtAccessBearerCookie
from pydantic import BaseModel
from schema import schema

BERTHS: list[str] = []


class Ship(BaseModel):
    id: int
    name: str


class Pass(HTTPBearer):
    """Called as the library's class is: only its name is the project's."""


class Nested:
    class Quiet(HTTPBearer):
        def __init__(self, **options):
            super().__init__(auto_error=False, **options)


class Badge:
    async def __call__(self, bearer=Security(Nested.Quiet())):
        if bearer is None:
            raise HTTPException(401)
        return bearer.credentials


app = FastAPI()
access = JwtAccessBearer(secret_key="a secret of this example, long enough", auto_error=True)
lenient = JwtAccessBearerCookie(secret_key="a secret of this example, long enough", auto_error=False)


@app.exception_handler(AuthJWTException)
def turned_away(request: Request, error: AuthJWTException) -> JSONResponse:
    return JSONResponse({"detail": error.message}, error.status_code)


@app.post("/bearer")
def by_bearer(who=Security(access)) -> None:
    BERTHS.append(who["name"])


@app.post("/lenient")  # expect: BG101
def by_anybody(who=Security(lenient)) -> None:
    BERTHS.append("somebody")


@app.post("/asked")
def asked(authorize: AuthJWT = Depends()) -> None:
    authorize.jwt_required()
    BERTHS.append("asked")


@app.post("/not-asked")  # expect: BG101
def not_asked(authorize: AuthJWT = Depends()) -> None:
    authorize.jwt_optional()
    BERTHS.append("not asked")


@app.post("/pass")
def by_pass(who=Security(Pass())) -> None:  # expect: BG109
    BERTHS.append("pass")


@app.post("/badge")
def by_badge(who=Security(Badge())) -> None:
    BERTHS.append("badge")


def signed_in(who=Security(access)) -> None:
    if not who["harbour"]:
        raise HTTPException(403)


app.include_router(
    MemoryCRUDRouter(
        schema=Ship, create_schema=Ship, update_schema=Ship, dependencies=[Depends(signed_in)]
    )
)
app.include_router(  # expect: BG101
    MemoryCRUDRouter(
        schema=Ship, create_schema=Ship, update_schema=Ship, prefix="open", delete_all_route=False
    )
)
app.mount("/graphql", GraphQL(schema))
