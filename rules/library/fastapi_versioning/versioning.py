"""Takes the routes of an application apart by version: each version has its own and those of all before it.

Middleware, error handlers and mounts of the application that is taken apart do not reach the new one.
"""

import copy

from fastapi import FastAPI


def version(major, minor=0):
    def decorator(function):
        function._api_version = (major, minor)
        return function

    return decorator


def VersionedFastAPI(
    app,
    version_format="{major}.{minor}",
    prefix_format="/v{major}_{minor}",
    default_version=(1, 0),
    enable_latest=False,
    **options,
):
    parent = FastAPI(title=app.title, **options)
    versions = {}
    if app.openapi_url:
        # the pages of the documentation are routes without a version
        versions[default_version] = []
    for path, route, entry in _routes_of(app.router):
        found = getattr(route.endpoint, "_api_version", default_version)
        versions.setdefault(found, []).append((path, route, entry))
    app.routes.clear()
    current = {}
    for found in sorted(versions.keys()):
        major, minor = found
        prefix = prefix_format.format(major=major, minor=minor)
        for path, route, entry in versions[found]:
            for method in route.methods:
                current[path + "|" + method] = entry
        parent.mount(prefix, _application(app, current))

        @parent.get(f"{prefix}/openapi.json")
        @parent.get(f"{prefix}/docs")
        def noop() -> None:
            return None

    if enable_latest:
        parent.mount("/latest", _application(app, current))
    return parent


def _routes_of(router):
    """Each route with its whole path, and with the entry that leads to it alone."""
    found = []
    for entry in router.routes:
        if entry.kind != "include":
            found.append((entry.path, entry, entry))
            continue
        for path, route, inner in _routes_of(entry.router):
            alone = copy.copy(entry.router)
            alone.routes = [inner]
            leading = copy.copy(entry)
            leading.router = alone
            found.append((entry.own_prefix + entry.prefix + path, route, leading))
    return found


def _application(app, current):
    versioned = FastAPI(title=app.title)
    for entry in current.values():
        versioned.router.routes.append(entry)
    return versioned
