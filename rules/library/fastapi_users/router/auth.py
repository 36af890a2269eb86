"""Logging in and out."""

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.security import OAuth2PasswordRequestForm


def get_auth_router(backend, get_user_manager, authenticator, requires_verification=False):
    router = APIRouter()
    signed_in = authenticator.current_user_token(active=True, verified=requires_verification)

    @router.post("/login")
    async def login(
        request: Request,
        credentials: OAuth2PasswordRequestForm = Depends(),
        user_manager=Depends(get_user_manager),
        strategy=Depends(backend.get_strategy),
    ):
        user = await user_manager.authenticate(credentials)
        if user is None or not user.is_active:
            raise HTTPException(status_code=400)
        if requires_verification and not user.is_verified:
            raise HTTPException(status_code=400)
        return await backend.login(strategy, user)

    @router.post("/logout")
    async def logout(user_token=Depends(signed_in), strategy=Depends(backend.get_strategy)):
        user, token = user_token
        return await backend.logout(strategy, user, token)

    return router
