from fastapi import Depends, FastAPI

from tower.checks import lamplighter, language

app = FastAPI()
LIT: list[int] = []


@app.post("/lamps/{number}", dependencies=[Depends(lamplighter)])
def light(number: int) -> list[int]:
    LIT.append(number)
    return LIT


@app.delete("/lamps/{number}", dependencies=[Depends(language)])  # expect: BG101
def put_out(number: int) -> list[int]:
    LIT[:] = [other for other in LIT if other != number]
    return LIT
