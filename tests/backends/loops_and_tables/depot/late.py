from fastapi import APIRouter

api = APIRouter()
SEEN: list[str] = []


@api.post("/late/{name}")  # expect: BG101
def note(name: str) -> list[str]:
    SEEN.append(name)
    return SEEN
