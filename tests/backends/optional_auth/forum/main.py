from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException

from forum.users import User, maybe_user, user, user_or_guest

app = FastAPI()
THREADS: list[str] = []


@app.get("/threads")
async def threads(reader: Annotated[User, Depends(user_or_guest)]) -> list[str]:
    return [f"{reader.name}: {title}" for title in THREADS]


@app.post("/threads/{title}")
async def start(title: str, author: Annotated[User, Depends(user)]) -> str:
    THREADS.append(f"{title} by {author.name}")
    return title


@app.put("/threads/{number}")
async def rename(number: int, title: str, author: Annotated[User | None, Depends(maybe_user)]) -> str:
    if author is None:
        raise HTTPException(401)
    THREADS[number : number + 1] = [title]
    return title


@app.delete("/threads/{number}")  # expect: BG101
async def remove(number: int, author: Annotated[User | None, Depends(maybe_user)]) -> str:
    del THREADS[number : number + 1]
    return "removed" if author is None else f"removed by {author.name}"
