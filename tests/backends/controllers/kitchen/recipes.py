from fastapi import APIRouter
from pydantic import BaseModel

from kitchen.base import CookController, PublicController
from kitchen.controller import controller

router = APIRouter(prefix="/recipes")
menu = APIRouter(prefix="/menu")


class Recipe(BaseModel):
    title: str


@controller(router)
class Recipes(CookController):
    @router.get("")
    def all(self, start: int = 0) -> list[str]:
        return self.database.recipes[start:]

    @router.post("", status_code=201)
    def add(self, recipe: Recipe) -> str:
        self.database.recipes.append(recipe.title)
        return self.cook


@controller(menu)
class Menu(PublicController):
    @menu.put("/{day}")  # expect: BG101
    def plan(self, day: str) -> list[str]:
        self.database.recipes.append(day)
        return self.database.recipes
