from fastapi import Depends, FastAPI

from vault.deps import Session, opened, session

app = FastAPI()


@app.get("/items")
async def items(session: Session = Depends(opened)) -> list[str]:
    return session.items


@app.post("/items/{name}")  # expect: BG101
async def add(name: str, session: Session = Depends(session)) -> list[str]:
    session.items.append(name)
    return session.items
