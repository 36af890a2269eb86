from pydantic import BaseModel


class Query(BaseModel):
    text: str


class Store:
    def __init__(self) -> None:
        self.rows: list[str] = []

    def find(self, text: str) -> list[str]:
        return [row for row in self.rows if text in row]
