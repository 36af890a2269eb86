"""Guards: callables whose parameters are made from the ways to authenticate."""

from inspect import Parameter, Signature

from fastapi import Depends, HTTPException


class Authenticator:
    def __init__(self, backends, get_user_manager):
        self.backends = backends
        self.get_user_manager = get_user_manager

    def current_user_token(
        self, optional=False, active=False, verified=False, superuser=False, get_enabled_backends=None
    ):
        async def current_user_token_dependency(*args, **kwargs):
            return await self._authenticate(kwargs, optional, active, verified, superuser)

        current_user_token_dependency.__signature__ = self._signature(get_enabled_backends)
        return current_user_token_dependency

    def current_user(
        self, optional=False, active=False, verified=False, superuser=False, get_enabled_backends=None
    ):
        async def current_user_dependency(*args, **kwargs):
            user, _ = await self._authenticate(kwargs, optional, active, verified, superuser)
            return user

        current_user_dependency.__signature__ = self._signature(get_enabled_backends)
        return current_user_dependency

    async def _authenticate(self, supplied, optional, active, verified, superuser):
        user, token = None, None
        for backend in self.backends:
            token = supplied[backend.name]
            if token is not None:
                strategy = supplied["strategy_" + backend.name]
                user = await strategy.read_token(token, supplied["user_manager"])
                if user:
                    break
        code = 401
        if user:
            if active and not user.is_active:
                user = None
            elif (verified and not user.is_verified) or (superuser and not user.is_superuser):
                code = 403
                user = None
        if not user and not optional:
            raise HTTPException(status_code=code)
        return user, token

    def _signature(self, get_enabled_backends):
        parameters = [_needs("user_manager", self.get_user_manager)]
        for backend in self.backends:
            parameters.append(_needs(backend.name, backend.transport.scheme))
            parameters.append(_needs("strategy_" + backend.name, backend.get_strategy))
        if get_enabled_backends is not None:
            parameters.append(_needs("enabled_backends", get_enabled_backends))
        return Signature(parameters)


def _needs(name, dependency):
    return Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=Depends(dependency))
