from secrets import compare_digest, token_urlsafe

from fastapi import APIRouter, Depends, WebSocket, WebSocketException, status

from library.guard import reader

books = APIRouter(prefix="/books", dependencies=[Depends(reader)])
SHELF: list[str] = []
LIVE_TOKEN = token_urlsafe()


@books.get("")
@books.get("/")
async def shelf() -> list[str]:
    return SHELF


@books.get("/files/{path:path}")
async def file(path: str) -> str:
    return path.upper()


@books.api_route("/{number}", methods=["GET", "PUT", "DELETE"])
async def book(number: int) -> list[str]:
    return SHELF[number : number + 1]


open_books = APIRouter()


@open_books.websocket("/books/live")
async def live(websocket: WebSocket) -> None:
    if not compare_digest(websocket.query_params.get("token", ""), LIVE_TOKEN):
        raise WebSocketException(code=status.WS_1008_POLICY_VIOLATION)
    await websocket.accept()
    await websocket.send_json(SHELF)


@open_books.websocket("/books/chat/{room}")  # expect: BG101
async def chat(websocket: WebSocket, room: str) -> None:
    await websocket.accept()
    SHELF.append(room)
    await websocket.send_json(SHELF)
