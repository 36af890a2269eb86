"""A forgotten password."""

from fastapi import APIRouter, Body, Depends, HTTPException, Request
from pydantic import EmailStr


def get_reset_password_router(get_user_manager):
    router = APIRouter()

    @router.post("/forgot-password", status_code=202)
    async def forgot_password(
        request: Request, email: EmailStr = Body(..., embed=True), user_manager=Depends(get_user_manager)
    ):
        user = await user_manager.get_by_email(email)
        if user is not None:
            await user_manager.forgot_password(user, request)

    @router.post("/reset-password")
    async def reset_password(
        request: Request,
        token: str = Body(...),
        password: str = Body(...),
        user_manager=Depends(get_user_manager),
    ):
        try:
            await user_manager.reset_password(token, password, request)
        except Exception as error:
            raise HTTPException(status_code=400) from error

    return router
