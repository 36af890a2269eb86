from fastapi import APIRouter

router = APIRouter(prefix="/yard")
BOATS: list[str] = []


@router.get("/boats")
def boats() -> list[str]:
    return BOATS


@router.post("/boats/{name}")
def build(name: str) -> list[str]:
    BOATS.append(name)
    return BOATS


@router.get("/debug/{name}")
def debug(name: str) -> str:
    return name * 2


visitors = APIRouter()


@visitors.post("/visit/{name}")  # expect: BG101
def visit(name: str) -> list[str]:
    BOATS.append(name)
    return BOATS
