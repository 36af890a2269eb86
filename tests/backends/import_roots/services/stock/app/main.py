from fastapi import FastAPI

from app.fastapi import goods
from .fastapi import GOODS

app = FastAPI()
app.include_router(goods)


@app.delete("/goods")  # expect: BG101
def clear(keep: int = 0) -> list[str]:
    del GOODS[keep:]
    return GOODS
