"""A schema of strawberry behind a guard, and one that anybody may ask."""

import strawberry
from fastapi import Depends, FastAPI, HTTPException, Request
from strawberry.fastapi import GraphQLRouter

TOKENS: set[str] = set()


def signed_in(request: Request) -> str:
    token = request.headers.get("authorization")
    if token not in TOKENS:
        raise HTTPException(401)
    return token


def get_database() -> dict[str, str]:
    return {}


def get_context(database: dict[str, str] = Depends(get_database)) -> dict[str, object]:
    return {"database": database}


@strawberry.type
class Query:
    @strawberry.field
    def name(self) -> str:
        return "ours"


schema = strawberry.Schema(Query)


class TracedRouter(GraphQLRouter):
    """A router of the project's own."""


app = FastAPI()
app.include_router(
    GraphQLRouter(schema, context_getter=get_context), prefix="/graphql", dependencies=[Depends(signed_in)]
)
app.include_router(TracedRouter(schema, path="/open"), prefix="/public")  # expect: BG101, BG101, BG101
