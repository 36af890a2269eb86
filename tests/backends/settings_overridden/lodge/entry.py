"""Who may come in: chosen once, by a setting that hosting changes."""

from typing import Annotated

from fastapi import Header, HTTPException

from lodge.settings import Entry, current


def anybody() -> str:
    return "guest"


def key_holder(x_key: Annotated[str | None, Header()] = None) -> str:
    if not x_key:
        raise HTTPException(401, "show the key")
    return x_key


def member_of_chain(x_card: Annotated[str | None, Header()] = None) -> str:
    if not x_card:
        raise HTTPException(401, "show the card")
    return x_card


def doorkeeper():
    if current.entry == Entry.OPEN:
        return anybody
    elif current.entry == Entry.CHAIN:
        return member_of_chain
    elif current.entry == Entry.KEY:
        return key_holder
    raise ValueError(current.entry)


enter = doorkeeper()
