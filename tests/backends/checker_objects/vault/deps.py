from collections.abc import AsyncIterator, Iterator

from fastapi import Depends, Request

from vault.checker import Checker, KeyChecker

checker: Checker = KeyChecker({"k-1": "anna"})


class Session:
    def __init__(self) -> None:
        self.items: list[str] = []

    def close(self) -> None:
        self.items.clear()


def session() -> Iterator[Session]:
    session = Session()
    try:
        yield session
    finally:
        session.close()


async def owner(request: Request) -> AsyncIterator[str]:
    name = checker.check(request.query_params.get("key", ""))
    yield name


async def opened(session: Session = Depends(session), name: str = Depends(owner, use_cache=False)) -> Session:
    session.items.append(name)
    return session
