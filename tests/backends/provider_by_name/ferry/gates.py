from abc import abstractmethod

from fastapi import HTTPException

from ferry.parts import Part


class Gatekeeper(Part):
    @abstractmethod
    def identify_or_raise(self, headers: dict[str, str]) -> str: ...


class ByToken(Gatekeeper):
    def identify_or_raise(self, headers: dict[str, str]) -> str:
        try:
            return self.parts.tokens[headers["authorization"]]
        except KeyError:
            raise HTTPException(401) from None


class ByPassword(Gatekeeper):
    def identify_or_raise(self, headers: dict[str, str]) -> str:
        if "x-password" not in headers:
            raise HTTPException(401)
        return "somebody"


class Purser(Part):
    """Of its kinds, one lets everybody pass."""

    @abstractmethod
    def check_ticket(self, headers: dict[str, str]) -> None: ...


class Strict(Purser):
    def check_ticket(self, headers: dict[str, str]) -> None:
        if "x-ticket-key" not in headers:
            raise HTTPException(403)


class OnHoliday(Purser):
    def check_ticket(self, headers: dict[str, str]) -> None:
        return None


class Stoker(Part):
    """Nothing here says how it is done."""

    @abstractmethod
    def authorize(self, headers: dict[str, str]) -> None: ...
