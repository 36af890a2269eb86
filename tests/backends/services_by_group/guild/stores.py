from collections.abc import Iterator
from typing import Self


class Store:
    @classmethod
    def opened(cls) -> Iterator[Self]:
        yield cls()


class Ledger(Store):
    def entries(self) -> list[str]:
        return []
