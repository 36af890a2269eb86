"""One path for queries, mutations and subscriptions."""

from inspect import Parameter, Signature

from fastapi import APIRouter, Depends, Request, Response, WebSocket


class GraphQLRouter(APIRouter):
    @staticmethod
    async def __get_root_value():
        return None

    @staticmethod
    def __get_context_getter(custom_getter):
        async def dependency(custom_context):
            return custom_context

        # the project's getter is a dependency of the library's
        dependency.__signature__ = Signature(
            [Parameter("custom_context", Parameter.POSITIONAL_OR_KEYWORD, default=Depends(custom_getter))]
        )
        return dependency

    def __init__(
        self,
        schema,
        path="",
        graphql_ide="graphiql",
        allow_queries_via_get=True,
        keep_alive=False,
        keep_alive_interval=1,
        root_value_getter=None,
        context_getter=None,
        subscription_protocols=(),
        connection_init_wait_timeout=None,
        max_subscriptions_per_connection=100,
        prefix="",
        tags=None,
        dependencies=None,
        include_in_schema=True,
        multipart_uploads_enabled=False,
        **options,
    ):
        super().__init__(
            prefix=prefix,
            tags=tags,
            dependencies=dependencies,
            include_in_schema=include_in_schema,
        )
        self.schema = schema
        self.root_value_getter = root_value_getter or self.__get_root_value
        self.context_getter = self.__get_context_getter(context_getter or (lambda: None))

        @self.get(path)
        async def handle_http_get(
            request: Request,
            response: Response,
            context=Depends(self.context_getter),
            root_value=Depends(self.root_value_getter),
        ) -> Response:
            return await self.schema.execute(request, context, root_value)

        @self.post(path)
        async def handle_http_post(
            request: Request,
            response: Response,
            context=Depends(self.context_getter),
            root_value=Depends(self.root_value_getter),
        ) -> Response:
            return await self.schema.execute(request, context, root_value)

        @self.websocket(path)
        async def websocket_endpoint(
            websocket: WebSocket,
            context=Depends(self.context_getter),
            root_value=Depends(self.root_value_getter),
        ):
            await self.schema.subscribe(websocket, context, root_value)
