from fastapi import APIRouter

CRAFTS: dict[str, APIRouter] = {}


def register(name: str, craft) -> None:
    CRAFTS[name] = craft
