"""Slows down whoever guesses passwords."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

from fastapi import HTTPException, Request, status

REMEMBERED = 10_000


class SignInThrottle:
    """At most ``attempts`` in ``seconds`` from one address; a dependency of the sign-in route."""

    def __init__(self, attempts: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.attempts = attempts
        self.seconds = seconds
        self.clock = clock
        self.seen: OrderedDict[str, deque[float]] = OrderedDict()

    def allow(self, address: str) -> bool:
        now = self.clock()
        times = self.seen.setdefault(address, deque(maxlen=self.attempts))
        self.seen.move_to_end(address)
        while len(self.seen) > REMEMBERED:
            self.seen.popitem(last=False)
        if len(times) == self.attempts and now - times[0] < self.seconds:
            return False
        times.append(now)
        return True


async def limit_sign_in(request: Request) -> None:
    address = request.client.host if request.client else "unknown"
    if not request.app.state.throttle.allow(address):
        raise HTTPException(status.HTTP_429_TOO_MANY_REQUESTS, "Too many attempts, try again later")
