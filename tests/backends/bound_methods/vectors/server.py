from typing import Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request

from vectors.store import Query, Store


class Server:
    """Routes are bound methods of an object; those that check do it in a method, one call down."""

    def __init__(self, store: Store, token: str) -> None:
        self.store = store
        self.token = token
        self.app = FastAPI()
        self.router = APIRouter()
        self._add_routes()
        self.app.include_router(self.router, prefix="/api")

    def _add_routes(self) -> None:
        self.router.add_api_route("/rows", self.rows, methods=["GET"])
        self.router.add_api_route("/query", self.query, methods=["POST"], dependencies=[Depends(self.check)])
        self.router.add_api_route("/rows/{row}", self.add, methods=["POST"])  # expect: BG101
        self.router.add_api_route("/raw", self.raw, methods=["POST"], dependencies=[Depends(self.check)])

    def _deny_strangers(self, request: Request) -> None:
        if request.headers.get("X-Token") != self.token:
            raise HTTPException(status_code=403)

    def check(self, request: Request) -> None:
        self._deny_strangers(request)

    def rows(self, request: Request) -> list[str]:
        self._deny_strangers(request)
        return self.store.rows

    def query(self, query: Query) -> list[str]:
        return self.store.find(query.text)

    def add(self, row: str) -> list[str]:
        self.store.rows.append(row)
        return self.store.rows

    def raw(self, body: dict[str, Any]) -> list[str]:  # expect: BG201
        return self.store.find(str(body.get("text")))


app = Server(Store(), token="t0k3n").app
