import functools
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request

from ferry.gates import Gatekeeper, Purser, Stoker
from ferry.parts import Parts, Settings

cargo: list[str] = []


def logged(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if args[0].settings.log_calls:
            print(function.__name__)
            return function(*args, **kwargs)
        return function(*args, **kwargs)

    return wrapper


class Ferry:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.parts = Parts(settings)
        self.gatekeeper = None
        if settings.gatekeeper:
            self.gatekeeper = self.parts.get(Gatekeeper)
        self.app = FastAPI()
        self.app.add_api_route("/cargo", self.load, methods=["POST"])
        self.app.add_api_route("/cargo", self.unload, methods=["DELETE"])
        self.app.add_api_route("/cabins", self.book, methods=["POST"])
        self.app.add_api_route("/coal", self.shovel, methods=["POST"])

    @logged
    def admit(self, headers: dict[str, str]) -> None:
        if not self.gatekeeper:
            return
        self.gatekeeper.identify_or_raise(headers)

    @logged
    def load(self, request: Request) -> None:
        self.admit(dict(request.headers))
        cargo.append("crate")

    @logged
    def unload(self, request: Request) -> None:
        self.admit(dict(request.headers))
        raise NotImplementedError("in the next harbour")

    @logged
    def book(self, request: Request) -> None:
        self.parts.get(Purser).check_ticket(dict(request.headers))
        cargo.append("passenger")

    @logged
    def shovel(self, request: Request) -> None:
        self.parts.get(Stoker).authorize(dict(request.headers))
        cargo.append("coal")


app = Ferry(Settings()).app
