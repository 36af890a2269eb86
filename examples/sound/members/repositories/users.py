"""SQL about users."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from members.errors import EmailTakenError
from members.models import User


class UserRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, user_id: str) -> User | None:
        return await self.session.get(User, user_id)

    async def get_by_email(self, email: str) -> User | None:
        return await self.session.scalar(select(User).where(User.email == email))

    async def page(self, limit: int, offset: int) -> tuple[Sequence[User], int]:
        total = await self.session.scalar(select(func.count()).select_from(User))
        rows = await self.session.scalars(select(User).order_by(User.email).limit(limit).offset(offset))
        return rows.all(), total or 0

    async def save(self, user: User) -> None:
        self.session.add(user)
        await self.session.commit()

    async def create(self, user: User) -> User:
        """Two requests may register the same address at once; the database decides."""
        self.session.add(user)
        try:
            await self.session.commit()
        except IntegrityError as error:
            await self.session.rollback()
            raise EmailTakenError from error
        return user
