"""Stand-ins for libraries: when they are followed, and when not."""

from __future__ import annotations

from pathlib import Path

import pytest
from linking import linker, routes, value_of

from backend_gate.backend.library_models import LibraryModels, bring_home, is_library
from backend_gate.backend.model import Verdict
from backend_gate.backend.values import External, Unknown
from backend_gate.rules.spec import LIBRARY, rules_directory
from backend_gate.settings import Settings

APPLICATION = """
from fastapi import FastAPI
from strawberry.fastapi import GraphQLRouter

app = FastAPI()
app.include_router(GraphQLRouter(schema=None), prefix="/graphql")
"""


def test_the_routes_of_a_library_are_followed() -> None:
    assert [(method, path) for method, path, _ in routes({"main.py": APPLICATION})] == [
        ("GET", "/graphql"),
        ("POST", "/graphql"),
        ("WEBSOCKET", "/graphql"),
    ]


def test_they_stand_where_the_project_includes_them() -> None:
    found = linker({"main.py": APPLICATION})
    backend = found.run()
    bring_home(backend)

    assert {(e.place.file, e.registration.span.line) for e in backend.endpoints} == {("main.py", 6)}
    assert not any(is_library(unresolved.place) for unresolved in backend.unresolved)


def test_a_package_of_the_project_hides_the_stand_in() -> None:
    own = "from fastapi import APIRouter\n\ndef GraphQLRouter(schema):\n    return APIRouter()\n"

    assert routes({"main.py": APPLICATION, "strawberry/__init__.py": "", "strawberry/fastapi.py": own}) == []


def test_a_name_that_is_left_out_stays_the_librarys() -> None:
    for source in (
        "from fastapi_users import InvalidID as found",
        "import fastapi_users\nfound = fastapi_users.InvalidID",
        "from fastapi_users import db\nfound = db.InvalidID",
    ):
        found = value_of(source, "found")
        assert isinstance(found, External), source
        assert found.name in ("fastapi_users.InvalidID", "fastapi_users.db.InvalidID")


def test_without_a_folder_there_are_none() -> None:
    models = LibraryModels()

    assert "fastapi_users" not in models
    with pytest.raises(KeyError):
        models.facts("fastapi_users")


def test_every_stand_in_can_be_read_and_imports_what_there_is() -> None:
    folder = Path(rules_directory()) / LIBRARY
    names = [
        file.relative_to(folder).as_posix().removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for file in sorted(folder.rglob("*.py"))
    ]
    assert names
    for name in names:
        source = f"import {name} as found"
        assert not isinstance(value_of(source, "found"), External), name
        facts = LibraryModels(folder).facts(name)
        assert facts.error is None, facts.error
        for word in (b for statement in facts.statements for b in statement.binds):
            assert not isinstance(value_of(f"from {name} import {word} as found", "found"), Unknown), word


GUARDED = """
from fastapi import Depends, FastAPI
from fastapi_keycloak import FastAPIKeycloak, OIDCUser
from sqlalchemy import create_engine
from starlette_admin.auth import AdminUser, AuthProvider
from starlette_admin.contrib.sqla import Admin, ModelView

app = FastAPI()
keycloak = FastAPIKeycloak("url", "id", "secret", "realm", "admin secret", "callback")
engine = create_engine("sqlite://")


class Provider(AuthProvider):
    async def authenticate(self, request):
        name = request.session.get("name")
        return AdminUser(username=name) if name else None


@app.post("/keycloak")
def by_keycloak(user: OIDCUser = Depends(keycloak.get_current_user(required_roles=["admin"]))):
    engine.execute("DELETE FROM t")


guarded = Admin(engine, auth_provider=Provider())
guarded.add_view(ModelView(object))
guarded.mount_to(app)
Admin(engine, base_url="/open").mount_to(app)
Admin(engine, base_url="/partly", auth_provider=Provider(allow_routes=["list"])).mount_to(app)
"""


def test_guards_of_libraries_are_followed_and_their_absence_is_seen() -> None:
    found = linker({"main.py": GUARDED})
    backend = found.run()
    found.judge(Settings())
    verdicts = {e.path: e.auth.verdict for e in backend.endpoints}

    assert verdicts["/keycloak"] is Verdict.PROTECTED
    assert verdicts["/admin/{key}/list"] is Verdict.PROTECTED
    assert verdicts["/admin/login"] is Verdict.PUBLIC_BY_NATURE
    assert verdicts["/open/{key}/list"] is Verdict.UNPROTECTED
    assert verdicts["/partly/{key}/list"] is Verdict.UNPROTECTED
    assert verdicts["/partly/{key}/edit"] is Verdict.PROTECTED
    assert backend.unresolved == []


OVERRIDDEN = """
from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from fastapi_crudrouter import MemoryCRUDRouter
from pydantic import BaseModel


class Ship(BaseModel):
    id: int


app = FastAPI()
router = MemoryCRUDRouter(schema=Ship, prefix="ships", delete_all_route=False)


@router.post("", dependencies=[Depends(HTTPBearer())])
def launch(ship: Ship):
    router.models.append(ship)


app.include_router(router)
"""


def test_a_route_of_the_projects_own_replaces_the_generated_one() -> None:
    found = linker({"main.py": OVERRIDDEN})
    backend = found.run()
    found.judge(Settings())
    posted = [e for e in backend.endpoints if e.methods == ["POST"]]

    assert [(e.handler, e.auth.verdict) for e in posted] == [("main.launch", Verdict.PROTECTED)]
