"""The routers of fastapi-users, and routes of the project behind its guards."""

from accounts import (
    UserCreate,
    UserRead,
    UserUpdate,
    administrator,
    bearer,
    cookie,
    maybe_signed_in,
    signed_in,
    users,
)
from fastapi import Depends, FastAPI
from httpx_oauth.clients.github import GitHubOAuth2
from pydantic import BaseModel
from settings import settings

github = GitHubOAuth2("id", settings.secret)
app = FastAPI()

app.include_router(users.get_auth_router(bearer), prefix="/auth/jwt")
app.include_router(users.get_auth_router(cookie, requires_verification=True), prefix="/auth/cookie")
app.include_router(users.get_register_router(UserRead, UserCreate), prefix="/auth")
app.include_router(users.get_reset_password_router(), prefix="/auth")
app.include_router(users.get_verify_router(UserRead), prefix="/auth")
app.include_router(users.get_users_router(UserRead, UserUpdate), prefix="/users")
app.include_router(users.get_oauth_router(github, bearer, settings.secret), prefix="/auth/github")
app.include_router(
    users.get_oauth_associate_router(github, UserRead, settings.secret), prefix="/auth/associate/github"
)

notes: list[str] = []


class Note(BaseModel):
    text: str


@app.get("/notes")
async def list_notes(user=Depends(signed_in)) -> list[str]:
    return notes


@app.post("/notes", dependencies=[Depends(administrator)])
async def add_note(note: Note) -> int:
    notes.append(note.text)
    return len(notes)


@app.delete("/notes/{number}")  # expect: BG101
async def delete_note(number: int, user=Depends(maybe_signed_in)) -> None:
    del notes[number]
