"""How the lodge is run. What the environment says of hosting changes several settings at once."""

import enum

from pydantic_settings import BaseSettings


class Hosting(str, enum.Enum):
    HOME = "home"
    CHAIN = "chain"


class Entry(str, enum.Enum):
    OPEN = "open"
    KEY = "key"
    CHAIN = "chain"


class LodgeSettings(BaseSettings):
    hosting: Hosting = Hosting.HOME
    entry: Entry = Entry.KEY
    ledger: str | None = None
    rooms: int = 8

    @property
    def keeps_ledger(self) -> bool:
        return self.ledger is not None

    @property
    def is_of_chain(self) -> bool:
        return self.hosting == Hosting.CHAIN


def read_settings() -> LodgeSettings:
    settings = LodgeSettings()
    if settings.is_of_chain:
        settings.entry = Entry.CHAIN
        settings.ledger = "head office"
    silence(settings)
    return settings


def silence(settings: LodgeSettings) -> None:
    """A setting that is changed unless the function is left before."""
    if settings.hosting == Hosting.HOME:
        return
    settings.rooms = 0


current = read_settings()
