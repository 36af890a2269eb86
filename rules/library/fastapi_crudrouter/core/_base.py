"""What the routers of all kinds of tables share: which routes there are, and their dependencies."""

from fastapi import APIRouter, HTTPException

from fastapi_crudrouter.core._utils import pagination_factory

NOT_FOUND = HTTPException(404, "Item not found")


class CRUDGenerator(APIRouter):
    def __init__(
        self,
        schema,
        create_schema=None,
        update_schema=None,
        prefix=None,
        tags=None,
        paginate=None,
        get_all_route=True,
        get_one_route=True,
        create_route=True,
        update_route=True,
        delete_one_route=True,
        delete_all_route=True,
        **options,
    ):
        self.schema = schema
        self.pagination = pagination_factory(max_limit=paginate)
        # without schemas of their own, writing takes the fields of the one that is read
        self.create_schema = create_schema or schema
        self.update_schema = update_schema or schema
        name = str(prefix or schema.__name__).lower()
        super().__init__(prefix="/" + name.strip("/"), tags=tags, **options)
        if get_all_route:
            self._add_api_route("", self._get_all(), ["GET"], get_all_route)
        if create_route:
            self._add_api_route("", self._create(), ["POST"], create_route)
        if delete_all_route:
            self._add_api_route("", self._delete_all(), ["DELETE"], delete_all_route)
        if get_one_route:
            self._add_api_route("/{item_id}", self._get_one(), ["GET"], get_one_route)
        if update_route:
            self._add_api_route("/{item_id}", self._update(), ["PUT"], update_route)
        if delete_one_route:
            self._add_api_route("/{item_id}", self._delete_one(), ["DELETE"], delete_one_route)

    def _add_api_route(self, path, endpoint, methods, wanted):
        """``wanted`` is true, or the list of dependencies of this one route."""
        dependencies = [] if isinstance(wanted, bool) else wanted
        super().add_api_route(path, endpoint, methods=methods, dependencies=dependencies)

    def api_route(self, path, *positional, **options):
        self.remove_api_route(path, options.get("methods") or ["GET"])
        return super().api_route(path, *positional, **options)

    def get(self, path, *positional, **options):
        self.remove_api_route(path, ["GET"])
        return super().get(path, *positional, **options)

    def post(self, path, *positional, **options):
        self.remove_api_route(path, ["POST"])
        return super().post(path, *positional, **options)

    def put(self, path, *positional, **options):
        self.remove_api_route(path, ["PUT"])
        return super().put(path, *positional, **options)

    def delete(self, path, *positional, **options):
        self.remove_api_route(path, ["DELETE"])
        return super().delete(path, *positional, **options)

    def remove_api_route(self, path, methods):
        """A route of the project's own takes the place of the generated one."""
        for route in list(self.routes):
            if route.path == self.prefix + path and list(route.methods) == methods:
                self.routes.remove(route)
