"""Making an account."""

from fastapi import APIRouter, Depends, HTTPException, Request


def get_register_router(get_user_manager, user_schema, user_create_schema):
    router = APIRouter()

    @router.post("/register", response_model=user_schema, status_code=201)
    async def register(
        request: Request, user_create: user_create_schema, user_manager=Depends(get_user_manager)
    ):
        try:
            return await user_manager.create(user_create, safe=True, request=request)
        except Exception as error:
            raise HTTPException(status_code=400) from error

    return router
