from fastapi import APIRouter, Security

from library.books import SHELF
from library.guard import reader

router = APIRouter()


@router.post("/books", status_code=201)
async def add(title: str, by: str = Security(reader)) -> str:
    SHELF.append(title)
    return by
