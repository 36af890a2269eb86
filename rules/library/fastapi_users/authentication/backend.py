"""A way to authenticate: where the token travels, and what it means."""


class AuthenticationBackend:
    def __init__(self, name, transport, get_strategy):
        self.name = name
        self.transport = transport
        self.get_strategy = get_strategy

    async def login(self, strategy, user):
        return await self.transport.get_login_response(await strategy.write_token(user))

    async def logout(self, strategy, user, token):
        await strategy.destroy_token(token, user)
        return await self.transport.get_logout_response()
