"""A page of a listing, as a dependency."""

from fastapi import Depends, HTTPException


def pagination_factory(max_limit=None):
    def pagination(skip: int = 0, limit: int | None = max_limit):
        if skip < 0:
            raise HTTPException(status_code=422)
        return {"skip": skip, "limit": limit}

    return Depends(pagination)
