"""A small shop with every kind of trouble, for tests of reports and commands."""

from __future__ import annotations

from pathlib import Path

import msgspec

from backend_gate.backend.model import (
    Auth,
    Body,
    Condition,
    Endpoint,
    Place,
    Step,
    Unresolved,
)
from backend_gate.backend.model import Verdict as Access
from backend_gate.discover.frameworks import Detected, Evidence
from backend_gate.facts.model import Span
from backend_gate.rules.model import Finding, Related, Severity
from backend_gate.rules.spec import Confidence, EvidenceClass, Fixable, Precision, Profile, RuleSpec
from backend_gate.settle.verdict import (
    JudgedBackend,
    OpenQuestion,
    Problem,
    Verdict,
    count_access,
    settle,
)

SOURCES = {
    "shop/main.py": """\
from fastapi import FastAPI

from shop import orders, users

app = FastAPI()
app.include_router(orders.router, prefix="/orders")
app.include_router(users.router, prefix="/users")
""",
    "shop/users.py": """\
from fastapi import APIRouter, Depends

from shop.database import get_connection

router = APIRouter()


@router.post("")
def create_user(data: dict, connection=Depends(get_connection)):
\tname = data["name"]
\tconnection.execute(f"INSERT INTO users (name, note) VALUES ('{name}', '{data['note']}')")
\treturn {"status": "ok"}
""",
}


def rule(number: int, slug: str, severity: Severity = Severity.ERROR, **texts: str) -> RuleSpec:
    """A rule with texts of its own or short ones."""
    return RuleSpec(
        id=f"BG{number}",
        slug=slug,
        group=texts.get("group", "auth"),
        severity=severity,
        confidence=Confidence.HIGH,
        precision=Precision.HIGH,
        profile=Profile.HANDOFF,
        frameworks=("fastapi",),
        standard=texts.get("standard", "Implement authentication and authorization"),
        evidence=EvidenceClass.PROJECT,
        fixable=Fixable.NO,
        title=texts.get("title", slug.replace("-", " ").capitalize()),
        message=texts.get("message", "{subject} has a fault"),
        why=texts.get("why", "It matters."),
        fix=texts.get("fix", "Mend it."),
        cwe=(306,),
        owasp=("API2:2023",),
    )


RULES = {
    spec.slug: spec
    for spec in (
        rule(
            101,
            "endpoint-without-auth",
            why="Whoever finds the address can use the endpoint, and addresses are found by scanning.\n\n"
            "A second paragraph is for the page of the rule.",
            fix="Let the endpoint, its router or the application depend on a callable that answers 401 to "
            "callers without credentials. If anybody may call it on purpose, declare it public and say why.",
        ),
        rule(
            201,
            "untyped-request-body",
            why="Nothing checks what arrives, and the published contract says nothing.",
            fix="Declare a model for the body.",
            group="input",
        ),
        rule(
            301,
            "sql-built-from-values",
            why="Whoever chooses the value writes a part of the statement.",
            fix="Pass the value as a bound parameter.",
            group="data",
        ),
        rule(
            202,
            "body-model-open",
            Severity.INFO,
            why="Anything is let in.",
            fix="Forbid extra fields.",
            group="input",
        ),
    )
}


def write_sources(root: Path) -> Path:
    """Write the sources of the shop below ``root``."""
    for name, source in SOURCES.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
    return root


def place(file: str, line: int, column: int, end_column: int, end_line: int | None = None) -> Place:
    """A place; on one line unless ``end_line`` is given."""
    return Place(file, Span(line, column, end_line or line, end_column))


USERS = "shop/users.py"
CREATE_USER = place(USERS, 8, 1, 17)

FINDINGS = (
    Finding(
        rule="endpoint-without-auth",
        message="Anybody may call `POST /users`: nothing on the way to its handler asks who is calling",
        place=CREATE_USER,
        severity=Severity.ERROR,
        subject="POST /users",
        symbol="create_user",
        related=(
            Related(place("shop/main.py", 7, 1, 50), "what the evidence names already"),
            Related(place("shop/security.py", 4, 5, 17), "this guard is used elsewhere"),
            Related(place("shop/orders.py", 6, 1, 30), "as here"),
        ),
        evidence=(
            Step(place("shop/main.py", 5, 7, 16), "the application has no dependencies and no middleware"),
            Step(place("shop/main.py", 7, 1, 50), "the router is included without dependencies"),
            Step(place(USERS, 5, 10, 21), "the router has no dependencies"),
            Step(CREATE_USER, "the route has no dependencies"),
            Step(place(USERS, 9, 29, 63), "`get_connection` reads no credential"),
            Step(place(USERS, 9, 1, 64), "the handler calls nothing that denies"),
        ),
    ),
    Finding(
        rule="untyped-request-body",
        message="`POST /users` takes any JSON object as its body `data`",
        place=place(USERS, 9, 17, 27),
        severity=Severity.ERROR,
        subject="POST /users data",
        symbol="create_user",
    ),
    Finding(
        rule="sql-built-from-values",
        message="The statement is built from `name`, which comes from the request",
        place=place(USERS, 11, 62, 68),
        severity=Severity.ERROR,
        subject="shop.users.create_user",
        symbol="create_user",
        evidence=(Step(place(USERS, 10, 9, 21), "`data['name']` comes from the body"),),
        fix='Write `VALUES (?, ?)` and pass `(name, data["note"])` as the second argument',
    ),
    Finding(
        rule="sql-built-from-values",
        message="The statement is built from `data['note']`, which comes from the request",
        place=place(USERS, 11, 72, 86),
        severity=Severity.ERROR,
        subject="shop.users.create_user",
        symbol="create_user",
    ),
    Finding(
        rule="body-model-open",
        message="`POST /orders` accepts fields that nobody declared",
        place=place("shop/orders.py", 3, 1, 2),
        severity=Severity.INFO,
        subject="POST /orders",
    ),
)

QUESTIONS = (
    *(
        OpenQuestion(
            place("shop/plugins.py", 10 + number, 5, 20),
            "access",
            "a guard is looked up by name at run time",
            f"GET /plugins/{number}",
        )
        for number in range(5)
    ),
    OpenQuestion(place("shop/main.py", 4, 1, 9), "wiring", "prefix comes from a database"),
)

PROBLEM = Problem(
    kind="unreadable-file",
    subject="shop/broken.py",
    message="this file cannot be read as Python: expected an indented block",
    advice="Correct the syntax, or exclude the file if it is no code of yours",
    place=place("shop/broken.py", 3, 1, 1),
)

SHOP = JudgedBackend(
    path=".",
    applications=("shop.main.app",),
    endpoints=count_access(
        verdict
        for verdict, number in {
            Access.PROTECTED: 36,
            Access.PUBLIC_BY_NATURE: 3,
            Access.UNPROTECTED: 1,
            Access.UNRESOLVED: 5,
        }.items()
        for _ in range(number)
    ),
    files=12,
    lines=1_480,
    fail_on=Severity.ERROR,
    strict=False,
    findings=FINDINGS,
    questions=QUESTIONS,
)

FASTAPI = Detected("FastAPI", (Evidence("shop/main.py", 5, "makes a FastAPI application", True),), True)
RAILS = Detected(
    "Rails",
    (
        Evidence("config/routes.rb", 1, "configures a Rails application", True),
        Evidence("Gemfile", 3, "asks for rails"),
    ),
    False,
)
FLASK = Detected("Flask", (Evidence("pyproject.toml", 9, "asks for flask"),), False)


def verdict(
    *, problems: tuple[Problem, ...] = (), frameworks: tuple[Detected, ...] = (FASTAPI,), **changes: object
) -> Verdict:
    """The verdict on the shop; ``changes`` are fields of :class:`JudgedBackend`."""
    shop = msgspec.structs.replace(SHOP, **changes)
    return settle([shop], rules=RULES, problems=problems, frameworks=frameworks, strict=shop.strict)


def endpoint(method: str, path: str, auth: Auth, line: int = 9, **more: object) -> Endpoint:
    """An endpoint of the shop."""
    fields: dict[str, object] = {
        "handler": "shop.users.create_user",
        "place": place(USERS, line, 1, 10),
        "registration": CREATE_USER,
        "app": "shop.main.app",
        "framework": "fastapi",
        "dependencies": ["shop.database.get_connection"],
        "conditions": [],
        "bodies": [],
        "response_model": None,
        "status_code": 200,
        "is_async": False,
        "in_schema": True,
        **more,
    }
    return Endpoint(methods=[method], path=path, auth=auth, **fields)  # type: ignore[arg-type]


ENDPOINTS = (
    endpoint(
        "POST",
        "/users",
        Auth(Access.UNPROTECTED, "nothing on the way to the handler asks who is calling"),
        bodies=[Body("data", "dict", "open-mapping", "parameter", place(USERS, 9, 17, 27))],
    ),
    endpoint(
        "GET",
        "/users/{user_id}",
        Auth(Access.PROTECTED, "the route depends on it", ["shop.security.require_user"]),
        20,
        handler="shop.users.UserController.get_user",
        dependencies=["shop.database.get_connection", "shop.security.require_user"],
        response_model="shop.users.UserView",
        is_async=True,
    ),
    endpoint(
        "GET",
        "/debug",
        Auth(Access.UNRESOLVED, "a guard is looked up by name at run time"),
        30,
        dependencies=None,
        conditions=[Condition("settings.debug", place("shop/main.py", 6, 4, 18), False)],
        status_code=None,
    ),
)

UNRESOLVED = (Unresolved(place("shop/main.py", 4, 1, 9), "prefix comes from a database"),)
