from fastapi import Depends, Header, HTTPException


class Database:
    def __init__(self) -> None:
        self.recipes: list[str] = []


def database() -> Database:
    return Database()


def cook(x_api_key: str = Header("")) -> str:
    if x_api_key not in ("anna", "ben"):
        raise HTTPException(status_code=401)
    return x_api_key


class PublicController:
    database: Database = Depends(database)


class CookController(PublicController):
    cook: str = Depends(cook)
