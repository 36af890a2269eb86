"""The user's own account, and everybody's for a superuser."""

from fastapi import APIRouter, Depends, HTTPException, Request


def get_users_router(
    get_user_manager, user_schema, user_update_schema, authenticator, requires_verification=False
):
    router = APIRouter()
    active = authenticator.current_user(active=True, verified=requires_verification)
    superuser = authenticator.current_user(active=True, verified=requires_verification, superuser=True)

    async def get_user_or_404(id: str, user_manager=Depends(get_user_manager)):
        try:
            return await user_manager.get(user_manager.parse_id(id))
        except Exception as error:
            raise HTTPException(status_code=404) from error

    @router.get("/me", response_model=user_schema)
    async def me(user=Depends(active)):
        return user

    @router.patch("/me", response_model=user_schema, dependencies=[Depends(active)])
    async def update_me(
        request: Request,
        user_update: user_update_schema,
        user=Depends(active),
        user_manager=Depends(get_user_manager),
    ):
        return await _update(user_manager, user_update, user, True, request)

    @router.get("/{id}", response_model=user_schema, dependencies=[Depends(superuser)])
    async def get_user(user=Depends(get_user_or_404)):
        return user

    @router.patch("/{id}", response_model=user_schema, dependencies=[Depends(superuser)])
    async def update_user(
        user_update: user_update_schema,
        request: Request,
        user=Depends(get_user_or_404),
        user_manager=Depends(get_user_manager),
    ):
        return await _update(user_manager, user_update, user, False, request)

    @router.delete("/{id}", status_code=204, dependencies=[Depends(superuser)])
    async def delete_user(
        request: Request, user=Depends(get_user_or_404), user_manager=Depends(get_user_manager)
    ):
        await user_manager.delete(user, request=request)

    return router


async def _update(user_manager, user_update, user, safe, request):
    try:
        return await user_manager.update(user_update, user, safe=safe, request=request)
    except Exception as error:
        raise HTTPException(status_code=400) from error
