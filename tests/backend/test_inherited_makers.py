"""Methods that make an application, on each class that inherits or extends them: the routes are those of the class."""

from __future__ import annotations

from linking import linker

HEAD = """\
import abc
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

class Base{bases}:
    def live(self, request): return PlainTextResponse("yes")
{declared}
    @property
    def routes(self):
        return [Route("/live", self.live)]
    def __call__(self):
        return Starlette(routes=self.routes)

class Plain(Base):
    name = "plain"

class Writer(Base):
    name = "writer"
    @property
    def routes(self):
        return super().routes + [Route("/write", self.write, methods=["POST"])]
    def write(self, request):
        open("x", "w").write("y")
"""
EXTENDS = """
class Told(Writer):
    def __call__(self):
        app = super().__call__()
        app.add_route("/told", self.live)
        return app
"""
DECLARED = "    @property\n    @abc.abstractmethod\n    def name(self): ...\n"


def routes(text: str) -> list[tuple[str, str]]:
    """The applications with their paths."""
    backend = linker({"main.py": text}).run()
    return sorted((endpoint.app, endpoint.path) for endpoint in backend.endpoints)


def test_a_property_that_a_class_overrides() -> None:
    found = routes(HEAD.format(bases="", declared=""))
    assert found == [
        ("main.Base.__call__", "/live"),
        ("main.Writer.__call__", "/live"),
        ("main.Writer.__call__", "/write"),
    ]


def test_a_class_that_leaves_a_method_to_others_has_no_objects() -> None:
    found = routes(HEAD.format(bases="(abc.ABC)", declared=DECLARED))
    assert {app for app, _ in found} == {"main.Plain.__call__", "main.Writer.__call__"}


def test_routes_that_are_added_to_what_the_base_has_made() -> None:
    found = routes(HEAD.format(bases="(abc.ABC)", declared=DECLARED) + EXTENDS)
    assert [path for app, path in found if app == "main.Told.__call__"] == ["/live", "/told", "/write"]


def test_what_is_called_somewhere_is_not_called_again() -> None:
    text = HEAD.format(bases="", declared="") + "app = Writer()()\n"
    found = routes(text)
    assert [path for _, path in found].count("/write") == 1
