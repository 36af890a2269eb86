"""What checks make of the linker's answers: which become findings, where, how severe, and in which words."""

from __future__ import annotations

import msgspec
import pytest
from backend_builders import body, endpoint, escape, hole, place, project, statement

from backend_gate.backend.model import (
    Auth,
    Body,
    Clause,
    Condition,
    Endpoint,
    Step,
    UnreadableFile,
    Verdict,
)
from backend_gate.backend.sql.lattice import Origin
from backend_gate.backend.sql.position import Position
from backend_gate.rules.checks.bare_except import bare_except
from backend_gate.rules.checks.body_declared_free_form import body_declared_free_form
from backend_gate.rules.checks.body_model_open import body_model_open
from backend_gate.rules.checks.body_proxied_untyped import body_proxied_untyped
from backend_gate.rules.checks.body_validated_late import body_validated_late
from backend_gate.rules.checks.endpoint_errors_unhandled import endpoint_errors_unhandled
from backend_gate.rules.checks.endpoint_without_auth import endpoint_without_auth
from backend_gate.rules.checks.source_not_analysable import source_not_analysable
from backend_gate.rules.checks.sql_built_from_values import sql_built_from_values
from backend_gate.rules.checks.sql_identifier_from_request import sql_identifier_from_request
from backend_gate.rules.checks.sql_identifier_unproved import sql_identifier_unproved
from backend_gate.rules.checks.sql_value_not_bound import sql_value_not_bound
from backend_gate.rules.checks.sql_value_unproved import sql_value_unproved
from backend_gate.rules.checks.untyped_request_body import untyped_request_body
from backend_gate.rules.checks.webhook_without_signature import webhook_without_signature
from backend_gate.rules.model import Finding, Severity
from backend_gate.rules.registry import Check, load_registry, run_rules

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741
OPEN = Verdict.UNPROTECTED


# --- source-not-analysable ----------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "severity"), [("production", E), ("tests", I), ("scripts", I)])
def test_an_unreadable_file(zone: str, severity: Severity) -> None:
    unreadable = UnreadableFile(place(7), "invalid syntax", zone)

    (finding,) = source_not_analysable(project(unreadable=[unreadable]))

    assert (finding.severity, finding.place, finding.subject) == (severity, place(7), "app/main.py")
    assert "invalid syntax" in finding.message


# --- endpoint-without-auth ----------------------------------------------------------------------


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not OPEN])
def test_only_unprotected_endpoints_are_findings(verdict: Verdict) -> None:
    assert list(endpoint_without_auth(project(endpoints=[endpoint(verdict=verdict)]))) == []


@pytest.mark.parametrize(
    ("methods", "severity"),
    [
        (("GET",), W),
        (("GET", "HEAD"), W),
        (("OPTIONS",), W),
        (("POST",), E),
        (("DELETE",), E),
        (("GET", "POST"), E),
        (("WEBSOCKET",), E),
    ],
)
def test_severity_follows_the_method(methods: tuple[str, ...], severity: Severity) -> None:
    (finding,) = endpoint_without_auth(project(endpoints=[endpoint(methods=methods, verdict=OPEN)]))

    assert finding.severity is severity


def test_an_open_endpoint_is_shown_with_its_evidence() -> None:
    included = Step(place(3, file="app/api.py"), "the router is included without a guard")
    (finding,) = endpoint_without_auth(
        project(endpoints=[endpoint(verdict=OPEN, steps=[included], reason="no guard among 2 dependencies")])
    )

    assert finding.place == place(9)
    assert finding.subject == "POST /users"
    assert finding.symbol == "app.main.create_user"
    assert finding.message == (
        "Anybody can call `POST /users`: nothing on the way to `create_user` "
        "turns away a caller without credentials"
    )
    assert [step.message for step in finding.evidence] == [
        "the router is included without a guard",
        "no guard among 2 dependencies",
    ]
    assert (included.place, included.message) in [(each.place, each.message) for each in finding.related]


def test_a_handler_under_many_paths_is_one_finding_that_names_them() -> None:
    many = [endpoint(f"/v{number}/users", verdict=OPEN, registration=place(number)) for number in range(1, 7)]
    guarded = endpoint("/admin/users", registration=place(50))

    (finding,) = endpoint_without_auth(project(endpoints=[*many, guarded]))

    assert finding.place == place(1)
    assert "`POST /v1/users`, `POST /v2/users`, `POST /v3/users` and 3 more" in finding.message
    assert finding.subject.count(";") == 5
    assert "/admin" not in finding.message
    assert any(each.place == place(50) and "guarded" in each.message for each in finding.related)


def test_the_worst_method_of_a_handler_decides() -> None:
    both = [endpoint(methods=("GET",), verdict=OPEN), endpoint(methods=("PUT",), verdict=OPEN)]

    (finding,) = endpoint_without_auth(project(endpoints=both))

    assert finding.severity is E


@pytest.mark.parametrize(("by_default", "severity"), [(True, E), (None, E), (False, W)])
def test_a_route_that_is_off_by_default_is_milder(by_default: bool | None, severity: Severity) -> None:
    conditional = endpoint(verdict=OPEN)
    conditional.conditions.append(Condition('settings.env == "local"', place(2), by_default))

    (finding,) = endpoint_without_auth(project(endpoints=[conditional]))

    assert finding.severity is severity
    assert '`settings.env == "local"`' in finding.message
    assert place(2) in {step.place for step in finding.evidence}


# --- webhook-without-signature -------------------------------------------------------------------


def webhook(verdict: Verdict) -> Endpoint:
    made = endpoint("/webhooks/pay")
    made.auth = Auth(verdict, "", webhook=True)
    return made


def test_an_open_webhook_is_a_matter_of_its_own() -> None:
    backend = project(endpoints=[webhook(OPEN)])

    assert list(endpoint_without_auth(backend)) == []
    (finding,) = webhook_without_signature(backend)
    assert (finding.severity, finding.place, finding.subject) == (E, place(9), "POST /webhooks/pay")


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not OPEN])
def test_a_verified_webhook_is_silent(verdict: Verdict) -> None:
    assert list(webhook_without_signature(project(endpoints=[webhook(verdict)]))) == []


# --- bodies -------------------------------------------------------------------------------------

BODY_CHECKS: list[Check] = [
    untyped_request_body,
    body_validated_late,
    body_proxied_untyped,
    body_model_open,
    body_declared_free_form,
]


def body_findings(*bodies: Body) -> list[Finding]:
    backend = project(endpoints=[endpoint(bodies=list(bodies))])
    return [finding for check in BODY_CHECKS for finding in check(backend)]


@pytest.mark.parametrize(
    ("given", "rule", "severity"),
    [
        (body("open-mapping"), "untyped-request-body", E),
        (body("open-list", "list[dict]"), "untyped-request-body", E),
        (body("open-union", "app.Order | dict"), "untyped-request-body", E),
        (body("open-alias", "app.types.Payload"), "untyped-request-body", E),
        (body("open-root-model", "app.Rows"), "untyped-request-body", E),
        (body("open-model", "app.Anything"), "untyped-request-body", E),
        (body("unannotated", ""), "untyped-request-body", E),
        (body("raw-json", source="request"), "untyped-request-body", E),
        (body("open-mapping", validated=True), "body-validated-late", W),
        (body("raw-json", source="request", validated=True), "body-validated-late", W),
        (body("open-mapping", forwarded=True), "body-proxied-untyped", I),
        (body("raw-json", source="request", forwarded=True), "body-proxied-untyped", I),
        (body("open-mapping", validated=True, forwarded=True), "body-validated-late", W),
        (body("extra-allowed", "app.Proxy"), "body-model-open", I),
        (body("json-value", "pydantic.JsonValue"), "body-declared-free-form", I),
    ],
)
def test_each_open_body_belongs_to_one_rule(given: Body, rule: str, severity: Severity) -> None:
    (finding,) = body_findings(given)

    assert (finding.rule, finding.severity) == (rule, severity)
    assert finding.place == given.place
    assert finding.subject == f"POST /users: {given.name}"
    assert f"`{given.name}" in finding.message or f"`{given.annotation}`" in finding.message


@pytest.mark.parametrize(
    "given",
    [
        body("typed", "app.Order"),
        body("typed", "dict[str, float]"),
        body("unresolved", "?"),
        body("raw-bytes", source="request"),
        body("raw-bytes", source="request", forwarded=True),
        body("typed", "str", source="form"),
        body("open-list", "list", source="file"),
    ],
)
def test_other_bodies_are_silent(given: Body) -> None:
    assert body_findings(given) == []


def test_a_body_under_two_paths_is_one_finding() -> None:
    twice = [endpoint(path, bodies=[body("open-mapping")]) for path in ("/a", "/b")]

    (finding,) = untyped_request_body(project(endpoints=twice))

    assert finding.subject == "POST /a; POST /b: data"
    assert "`POST /a` and `POST /b`" in finding.message


def test_a_body_of_a_dependency_is_one_finding_for_all_handlers_that_ask_for_it() -> None:
    handlers = [
        endpoint(f"/{name}", handler=name, line=line, bodies=[body("raw-json", source="request")])
        for name, line in (("a", 20), ("b", 30))
    ]

    (finding,) = untyped_request_body(project(endpoints=handlers))

    assert finding.subject == "POST /a; POST /b: request.json()"


def test_two_bodies_of_a_handler_are_two_findings() -> None:
    other = msgspec.structs.replace(body("open-mapping"), name="meta", place=place(12, 5))

    assert [finding.place for finding in body_findings(body("open-mapping"), other)] == [
        place(11, 5),
        place(12, 5),
    ]


def test_the_way_to_an_open_alias_is_shown() -> None:
    alias = Step(place(3, file="app/types.py"), "`Payload` is an alias of `dict[str, Any]`")

    (finding,) = body_findings(body("open-alias", "app.types.Payload", steps=[alias]))

    assert [each.place.file for each in finding.related] == ["app/types.py"]
    assert finding.evidence == (alias,)


# --- SQL ----------------------------------------------------------------------------------------

SQL_CHECKS: list[Check] = [
    sql_built_from_values,
    sql_identifier_from_request,
    sql_identifier_unproved,
    sql_value_unproved,
]
VALUES, FROM_REQUEST, UNPROVED, NOTED = (
    "sql-built-from-values",
    "sql-identifier-from-request",
    "sql-identifier-unproved",
    "sql-value-unproved",
)
SAFE = [origin.value for origin in Origin if origin.is_safe]
POSITIONS = [position.value for position in Position]


def sql_findings(*holes: object, reachable: bool = True) -> list[Finding]:
    backend = project(statements=[statement(*holes, reachable=reachable)])  # type: ignore[arg-type]
    return [finding for check in SQL_CHECKS for finding in check(backend)]


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("origin", SAFE)
def test_safe_holes_are_silent(origin: str, position: str) -> None:
    assert sql_findings(hole(origin, position)) == []


@pytest.mark.parametrize(
    ("origin", "position", "reachable", "expected"),
    [
        ("configuration", "value", True, (NOTED, I)),
        ("configuration", "identifier", True, (UNPROVED, I)),
        ("configuration", "keyword", True, (UNPROVED, I)),
        ("configuration", "fragment", True, (NOTED, I)),
        ("configuration", "unbindable", True, None),
        ("unknown", "value", True, (NOTED, I)),
        ("unknown", "value", False, (NOTED, I)),
        ("unknown", "identifier", True, (UNPROVED, I)),
        ("unknown", "keyword", True, (UNPROVED, I)),
        ("unknown", "fragment", True, None),
        ("unknown", "unknown", True, None),
        ("unknown", "unbindable", True, (NOTED, I)),
        ("stored", "value", False, (VALUES, E)),
        ("stored", "identifier", False, (FROM_REQUEST, E)),
        ("request-tainted", "value", True, (VALUES, E)),
        ("request-tainted", "identifier", True, (FROM_REQUEST, E)),
        ("request-tainted", "keyword", True, (FROM_REQUEST, E)),
        ("request-tainted", "fragment", True, (VALUES, E)),
        ("request-tainted", "unbindable", True, (VALUES, E)),
        ("request-tainted", "unknown", True, (VALUES, E)),
    ],
)
def test_the_table_of_holes(
    origin: str, position: str, reachable: bool, expected: tuple[str, Severity] | None
) -> None:
    found = [
        (finding.rule, finding.severity)
        for finding in sql_findings(hole(origin, position), reachable=reachable)
    ]

    assert found == ([expected] if expected else [])


def test_a_statement_is_one_finding_at_its_worst_hole() -> None:
    (finding,) = sql_findings(
        hole("configuration", "value", "limit", 20),
        hole("unknown", "value", "city", 25),
        hole("request-tainted", "value", "name", 30),
        hole("request-tainted", "value", "email", 40),
    )

    assert (finding.severity, finding.place) == (E, place(20, 30))
    assert finding.message == "Text from the request is written into the SQL of `execute`: `name` and `email`"
    assert finding.subject == "app.store.find: name, email"
    assert "`name`" in finding.fix


def test_a_statement_may_have_a_value_and_a_name_from_the_request() -> None:
    found = sql_findings(hole("request-tainted", "value"), hole("request-tainted", "identifier", "sort"))

    assert [finding.rule for finding in found] == [VALUES, FROM_REQUEST]


def test_converted_values_are_a_note_of_a_rule_that_has_to_be_selected() -> None:
    backend = project(statements=[statement(hole("coerced", "value"), hole("coerced", "identifier", "year"))])

    (finding,) = sql_value_not_bound(backend)

    assert (finding.severity, finding.subject) == (I, "app.store.find: name")


def test_a_hole_that_stands_in_two_statements_is_one_finding() -> None:
    """A clause that one function makes for every query is one thing to change."""
    shared, own = hole("request-tainted", "value", "name"), hole("request-tainted", "value", "town", 60)
    backend = project(statements=[statement(shared), statement(shared, own, line=30)])

    found = list(sql_built_from_values(backend))

    assert [finding.subject for finding in found] == ["app.store.find: name", "app.store.find: town"]


@pytest.mark.parametrize("given", [hole("unheard-of", "value"), hole("unknown", "unheard-of")])
def test_an_answer_that_nobody_knows_is_a_crash_and_no_silence(given: object) -> None:
    rules = load_registry()

    run = run_rules(project(statements=[statement(given)]), [rules[VALUES]])  # type: ignore[arg-type]

    assert [slug for slug, _ in run.crashed] == [VALUES]


# --- endpoint-errors-unhandled ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "severity"), [("domain", E), ("missing-row", E), ("outbound", W), ("library", W)]
)
def test_an_escape(kind: str, severity: Severity) -> None:
    (finding,) = endpoint_errors_unhandled(project(escapes=[escape(kind, endpoint())]))

    assert (finding.severity, finding.place) == (severity, place(14, 5))
    assert finding.subject == "POST /users: app.errors.EmailTaken"
    assert "`EmailTaken`" in finding.message
    assert "`POST /users`" in finding.message


def test_what_was_considered_is_shown() -> None:
    raised = Step(place(40, file="app/service.py"), "raised here")
    handler = Step(place(5), "this handler is for `PaymentRefused`")

    called = Step(place(14, 5), "`find` is called here")

    (finding,) = endpoint_errors_unhandled(
        project(escapes=[escape("domain", endpoint(), steps=[called, raised], considered=[handler])])
    )

    assert [each.place for each in finding.related] == [raised.place, handler.place]
    assert finding.evidence == (called, raised, handler)


def test_one_place_that_raises_is_one_finding_for_all_endpoints() -> None:
    def through(line: int) -> list[Step]:
        return [Step(place(line), "`find` is called here"), Step(place(40, 5), "`EmailTaken` is raised here")]

    backend = project(
        escapes=[
            escape("domain", endpoint("/a"), line=40, steps=through(11)),
            escape("domain", endpoint("/b", handler="app.main.other"), line=40, steps=through(21)),
            escape("domain", endpoint("/b"), "app.errors.Locked", line=14),
            escape("domain", endpoint("/c", handler="app.main.third"), line=70),
        ]
    )

    findings = list(endpoint_errors_unhandled(backend))

    assert [(finding.subject, finding.place) for finding in findings] == [
        ("POST /a; POST /b: app.errors.EmailTaken", place(40, 5)),
        ("POST /b: app.errors.Locked", place(14, 5)),
        ("POST /c: app.errors.EmailTaken", place(70, 5)),
    ]


def test_an_exception_of_one_handler_is_shown_in_the_handler() -> None:
    steps = [Step(place(11), "`find` is called here"), Step(place(40, 5), "`EmailTaken` is raised here")]
    backend = project(
        escapes=[escape("domain", endpoint(path), line=40, steps=steps) for path in ("/a", "/b")]
    )

    (finding,) = endpoint_errors_unhandled(backend)

    assert finding.place == place(11)
    assert [each.place for each in finding.related] == [place(40, 5)]


def test_a_handler_for_everything_makes_it_a_warning() -> None:
    (finding,) = endpoint_errors_unhandled(project(escapes=[escape("domain", endpoint(), generic=True)]))

    assert finding.severity is W
    assert "only the handler for everything answers" in finding.message


# --- all ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_async", [True, False])
def test_only_an_asynchronous_function_can_swallow_its_cancelling(is_async: bool) -> None:
    one = endpoint()
    clause = Clause([one], place(7), "app.main.find", [], broad=True, is_async=is_async)

    (found,) = bare_except(project(endpoints=[one], clauses=[clause]))

    assert ("the cancelling of its task" in found.message) is is_async


def test_an_empty_backend_is_silent_under_every_rule() -> None:
    run = run_rules(project(), load_registry().values())

    assert (run.findings, run.crashed) == ([], [])


def test_messages_are_single_sentences_without_a_final_period() -> None:
    backend = project(
        endpoints=[
            endpoint(verdict=OPEN, bodies=[body("open-mapping"), body("unannotated"), body("json-value")]),
            webhook(OPEN),
        ],
        statements=[statement(hole("request-tainted", position)) for position in POSITIONS],
        escapes=[escape(kind, endpoint()) for kind in ("domain", "missing-row", "outbound", "library")],
        unreadable=[UnreadableFile(place(1), "invalid syntax.", "production")],
    )

    run = run_rules(backend, load_registry().values())

    assert not run.crashed
    assert {finding.rule for finding in run.findings} >= {"endpoint-without-auth", "sql-built-from-values"}
    for finding in run.findings:
        assert not finding.message.endswith(".")
        assert ". " not in finding.message
        assert finding.message[0].isupper() or finding.message[0] == "`"
        assert finding.fix.endswith(".")
        assert finding.subject
