from fastapi import APIRouter

router = APIRouter(prefix="/bins")
FILLED: list[int] = []


@router.put("/{number}")
def fill(number: int) -> list[int]:
    FILLED.append(number)
    return FILLED


for kind in ("open", "closed"):

    @router.get(f"/{kind}")
    def bins_of_kind(limit: int = 10) -> list[int]:
        return FILLED[:limit]
