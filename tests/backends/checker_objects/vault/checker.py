from abc import ABC, abstractmethod

from fastapi import HTTPException


class Checker(ABC):
    @abstractmethod
    def check(self, key: str) -> str: ...


class KeyChecker(Checker):
    def __init__(self, keys: dict[str, str]) -> None:
        self.keys = keys

    def check(self, key: str) -> str:
        owner = self.keys.get(key)
        if owner is None:
            self._refuse()
        return owner

    def _refuse(self) -> None:
        raise HTTPException(status_code=403, detail="Unknown key")
