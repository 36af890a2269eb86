from __future__ import annotations

from fastapi import FastAPI

from notes import deps
from notes.auth import *
from notes.deps import Notes, Writer

app = FastAPI()


@app.get("/notes")
def mine(user: CurrentUser, notes: Notes, limit: Limit) -> list[str]:
    return [f"{user}: {text}" for text in notes.texts[:limit]]


@app.post("/notes/{text}")
def write(text: str, notes: deps.Notes, by: "Writer") -> str:
    notes.texts.append(text)
    return by


@app.delete("/notes/recent")  # expect: BG101
def forget(notes: Of[Store], limit: deps.Limit) -> list[str]:
    del notes.texts[-limit:]
    return notes.texts
