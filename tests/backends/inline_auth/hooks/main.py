import hmac

from fastapi import FastAPI, HTTPException, Request, WebSocket, status

from hooks.secrets import TOKENS, authorise, signature

app = FastAPI()
FILES: dict[str, bytes] = {}


@app.put("/files/{name}")
async def put_file(name: str, request: Request) -> int:
    user = await authorise(request)
    FILES[f"{user}/{name}"] = await request.body()
    return len(FILES)


@app.get("/files/{name}")
async def get_file(name: str, signed: str) -> str:
    if not hmac.compare_digest(signature(name.encode()), signed):
        raise HTTPException(status_code=403)
    return FILES.get(name, b"").hex()


@app.post("/hooks/payment")
async def paid(request: Request) -> int:
    body = await request.body()
    if not hmac.compare_digest(signature(body), request.headers.get("X-Signature", "")):
        raise HTTPException(status_code=401)
    FILES["payment"] = body
    return len(body)


@app.websocket("/live")
async def live(websocket: WebSocket) -> None:
    await websocket.accept()
    greeting = await websocket.receive_json()
    if greeting.get("token") not in TOKENS:
        await websocket.close(code=status.WS_1008_POLICY_VIOLATION)
        return
    await websocket.send_json(sorted(FILES))


@app.post("/late/{name}")  # expect: BG101
async def late(name: str, request: Request) -> str:
    FILES[name] = await request.body()
    return await authorise(request)
