from fastapi import FastAPI, HTTPException, Request

from board.state import NOTES, SIZES

app = FastAPI()


@app.post("/notes/{text}")
def pin(text: str, request: Request) -> int:
    if request.headers.get("Authorization") != "Bearer b0ard":
        raise HTTPException(status_code=401)
    NOTES.append(text)
    return len(NOTES)


@app.get("/notes")  # expect: BG101
def notes() -> list[str]:
    """What members write is state, also if it lives in a list of this process."""
    return NOTES


@app.get("/sizes")
def sizes() -> tuple[str, ...]:
    """Nobody can write a tuple: a constant."""
    return SIZES
