from fastapi import FastAPI

BORROWED: list[str] = []


def install(app: FastAPI) -> None:
    @app.post("/ladders/{name}")  # expect: BG101
    def borrow(name: str) -> None:
        BORROWED.append(name)
