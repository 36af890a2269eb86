from fastapi import APIRouter, Depends

from fleet.checks import dispatcher, driver, log_use

trucks = APIRouter(prefix="/trucks", dependencies=[Depends(log_use)])
PLACES: dict[int, str] = {}


@trucks.get("/{number}", dependencies=[Depends(driver)])
def where(number: int) -> str:
    return PLACES.get(number, "unknown")


@trucks.put("/{number}")
def move(number: int, place: str) -> str:
    PLACES[number] = place
    return place


depots = APIRouter(prefix="/depots")


@depots.delete("/{number}")
def close(number: int, by: str = Depends(dispatcher)) -> str:
    PLACES.pop(number, None)
    return by


@depots.put("/{number}/trucks/{truck}")  # expect: BG101
def park(number: int, truck: int) -> int:
    PLACES[truck] = str(number)
    return truck
