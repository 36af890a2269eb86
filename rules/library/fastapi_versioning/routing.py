"""Routes of a router that share a version."""

from fastapi.routing import APIRoute


def versioned_api_route(major=1, minor=0, route_class=APIRoute):
    class VersionedAPIRoute(route_class):
        def __init__(self, *positional, **options):
            super().__init__(*positional, **options)
            self.endpoint._api_version = (major, minor)

    return VersionedAPIRoute
