from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

COUNTS: dict[str, int] = {}


async def count(request: Request) -> JSONResponse:
    name = request.path_params["name"]
    COUNTS[name] = COUNTS.get(name, 0) + 1
    return JSONResponse({"count": COUNTS[name]})


site = Starlette(
    routes=[
        Mount("/counter", routes=[Route("/{name}", count, methods=["POST"])]),  # expect: BG101
    ]
)
