"""Signing in with an account elsewhere, and linking one."""

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from httpx_oauth.integrations.fastapi import OAuth2AuthorizeCallback


def get_oauth_router(
    oauth_client,
    backend,
    get_user_manager,
    state_secret,
    redirect_url=None,
    associate_by_email=False,
    is_verified_by_default=False,
    **cookie,
):
    router = APIRouter()
    authorized = OAuth2AuthorizeCallback(oauth_client, redirect_url=redirect_url)

    @router.get("/authorize")
    async def authorize(request: Request, response: Response, scopes: list[str] = Query(None)):
        return await oauth_client.get_authorization_url(redirect_url, scopes)

    @router.get("/callback")
    async def callback(
        request: Request,
        access_token_state=Depends(authorized),
        user_manager=Depends(get_user_manager),
        strategy=Depends(backend.get_strategy),
    ):
        token, _ = access_token_state
        account_id, account_email = await oauth_client.get_id_email(token["access_token"])
        if account_email is None:
            raise HTTPException(status_code=400)
        user = await user_manager.oauth_callback(oauth_client.name, token, account_id, account_email, request)
        if not user.is_active:
            raise HTTPException(status_code=400)
        return await backend.login(strategy, user)

    return router


def get_oauth_associate_router(
    oauth_client,
    authenticator,
    get_user_manager,
    user_schema,
    state_secret,
    redirect_url=None,
    requires_verification=False,
    **cookie,
):
    router = APIRouter()
    active = authenticator.current_user(active=True, verified=requires_verification)
    authorized = OAuth2AuthorizeCallback(oauth_client, redirect_url=redirect_url)

    @router.get("/authorize")
    async def authorize(
        request: Request, response: Response, scopes: list[str] = Query(None), user=Depends(active)
    ):
        return await oauth_client.get_authorization_url(redirect_url, scopes)

    @router.get("/callback", response_model=user_schema)
    async def callback(
        request: Request,
        user=Depends(active),
        access_token_state=Depends(authorized),
        user_manager=Depends(get_user_manager),
    ):
        token, _ = access_token_state
        account_id, account_email = await oauth_client.get_id_email(token["access_token"])
        if account_email is None:
            raise HTTPException(status_code=400)
        return await user_manager.oauth_associate_callback(
            user, oauth_client.name, token, account_id, account_email, request
        )

    return router
