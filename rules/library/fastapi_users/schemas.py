"""What is sent about users."""

from typing import Generic, TypeVar

from pydantic import BaseModel, EmailStr

ID = TypeVar("ID")


class CreateUpdateDictModel(BaseModel):
    pass


class BaseUser(CreateUpdateDictModel, Generic[ID]):
    id: ID
    email: EmailStr
    is_active: bool = True
    is_superuser: bool = False
    is_verified: bool = False


class BaseUserCreate(CreateUpdateDictModel):
    email: EmailStr
    password: str
    is_active: bool | None = True
    is_superuser: bool | None = False
    is_verified: bool | None = False


class BaseUserUpdate(CreateUpdateDictModel):
    password: str | None = None
    email: EmailStr | None = None
    is_active: bool | None = None
    is_superuser: bool | None = None
    is_verified: bool | None = None
