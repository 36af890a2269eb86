"""Factories whose constructor attrs generates; making one registers its routes."""

from collections.abc import Callable

from attrs import define, field
from fastapi import APIRouter, Depends


def layer(name: str = "base") -> str:
    return name


def colours() -> list[str]:
    return ["red"]


@define
class Extension:
    def register(self, factory: "Factory") -> None:
        raise NotImplementedError


@define(kw_only=True)
class Factory:
    router: APIRouter = field(factory=APIRouter)
    prefix: str = ""
    extensions: list[Extension] = field(factory=list)
    environment: Callable[..., dict[str, str]] = field(default=lambda: {})
    operation: str = field(init=False, default="")

    def __attrs_post_init__(self) -> None:
        self.operation = self.prefix.strip("/")
        self.routes()
        for extension in self.extensions:
            extension.register(self)

    def routes(self) -> None:
        raise NotImplementedError


@define(kw_only=True)
class MapFactory(Factory):
    layer: Callable[..., str] = layer
    with_legend: bool = False

    def routes(self) -> None:
        @self.router.get("/info", operation_id=f"{self.operation}_info")
        def info(name: str = Depends(self.layer), env: dict[str, str] = Depends(self.environment)) -> str:
            return open(name).read()

        if self.with_legend:

            @self.router.get("/legend")
            def legend(shades: list[str] = Depends(colours)) -> str:
                return open(shades[0]).read()


@define
class Viewer(Extension):
    path: str = "/viewer"

    def register(self, factory: Factory) -> None:
        @factory.router.get(self.path)
        def viewer(name: str = Depends(factory.layer)) -> str:
            return open(name).read()
