from fastapi import FastAPI

from depot.gate import GateMiddleware, make_gatekeeper

app = FastAPI()
app.add_middleware(GateMiddleware, keeper=make_gatekeeper())


@app.post("/crates")
def store(label: str) -> dict[str, str]:
    return {"label": label}
