"""Short ways to write down a backend, for tests of rules."""

from __future__ import annotations

from backend_gate.backend.model import (
    Auth,
    Backend,
    Body,
    Endpoint,
    Escape,
    Place,
    Sql,
    SqlHole,
    Step,
    Verdict,
)
from backend_gate.facts.model import Span
from backend_gate.rules.project import Project
from backend_gate.settings import Settings


def place(line: int, column: int = 1, file: str = "app/main.py") -> Place:
    return Place(file, Span(line, column, line, column + 5))


def endpoint(
    path: str = "/users",
    methods: tuple[str, ...] = ("POST",),
    verdict: Verdict = Verdict.PROTECTED,
    *,
    handler: str = "app.main.create_user",
    line: int = 10,
    registration: Place | None = None,
    steps: list[Step] | None = None,
    bodies: list[Body] | None = None,
    reason: str = "",
) -> Endpoint:
    """An endpoint whose handler starts on ``line`` and is registered on the line above."""
    return Endpoint(
        methods=list(methods),
        path=path,
        handler=handler,
        place=place(line),
        registration=registration or place(line - 1),
        app="app.main.app",
        framework="fastapi",
        dependencies=[],
        conditions=[],
        auth=Auth(verdict, reason, steps=steps or []),
        bodies=bodies or [],
        response_model=None,
        status_code=None,
        is_async=True,
        in_schema=True,
    )


def body(shape: str, annotation: str = "dict", *, source: str = "parameter", **more: object) -> Body:
    name = "data" if source == "parameter" else "request.json()"
    return Body(name, annotation, shape, source, place(11, 5), **more)  # type: ignore[arg-type]


def statement(*holes: SqlHole, reachable: bool = True, line: int = 20) -> Sql:
    return Sql(
        place=place(line),
        sink="sqlite3.Connection.execute",
        function="app.store.find",
        template="SELECT * FROM users WHERE name = {name}",
        holes=list(holes),
        steps=[],
        reachable_from_request=reachable,
    )


def hole(origin: str, position: str, expression: str = "name", column: int = 30) -> SqlHole:
    return SqlHole(expression, place(20, column), origin, position, "a reason", [])


def escape(
    kind: str, at: Endpoint, exception: str = "app.errors.EmailTaken", line: int = 14, **more: object
) -> Escape:
    fields: dict[str, object] = {"steps": [], "considered": [], **more}
    return Escape(at, exception, kind, place(line, 5), **fields)  # type: ignore[arg-type]


def project(**parts: object) -> Project:
    """A project whose backend holds ``parts``."""
    return Project(Backend(**parts), Settings())  # type: ignore[arg-type]
