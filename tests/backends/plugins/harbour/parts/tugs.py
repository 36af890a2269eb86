from fastapi import APIRouter

router = APIRouter()


@router.put("/{name}/{place}")
def send(name: str, place: str) -> str:
    return f"{name} to {place}"
