"""Keeps users, somewhere."""

from fastapi_users.db import BaseUserDatabase


class UserStore(BaseUserDatabase):
    pass
