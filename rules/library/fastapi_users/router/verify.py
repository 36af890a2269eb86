"""Whether an address belongs to the user."""

from fastapi import APIRouter, Body, Depends, HTTPException, Request
from pydantic import EmailStr


def get_verify_router(get_user_manager, user_schema):
    router = APIRouter()

    @router.post("/request-verify-token", status_code=202)
    async def request_verify_token(
        request: Request, email: EmailStr = Body(..., embed=True), user_manager=Depends(get_user_manager)
    ):
        user = await user_manager.get_by_email(email)
        if user is not None:
            await user_manager.request_verify(user, request)

    @router.post("/verify", response_model=user_schema)
    async def verify(
        request: Request, token: str = Body(..., embed=True), user_manager=Depends(get_user_manager)
    ):
        try:
            return await user_manager.verify(token, request)
        except Exception as error:
            raise HTTPException(status_code=400) from error

    return router
