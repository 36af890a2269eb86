from fastapi import APIRouter, Depends

from guild.members import member

BARRELS: list[int] = []


class Cooper:
    @staticmethod
    def router() -> APIRouter:
        made = APIRouter(dependencies=[Depends(member)])

        @made.put("/barrels/{litres}")
        def barrel(litres: int) -> None:
            BARRELS.append(litres)

        return made
