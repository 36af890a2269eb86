from fastapi import Depends

from pier.plugins import make_router, make_service, pilot

app = make_service("service", title="Pier")
berths = make_router("plain", prefix="/berths", dependencies=[Depends(pilot)])
LOG: list[str] = []


@berths.post("/{number}")
def occupy(number: int) -> None:
    LOG.append(str(number))


@app.delete("/log")  # expect: BG101
def forget() -> None:
    LOG.clear()


app.include_router(berths)
