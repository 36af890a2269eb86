"""SQL that no route of the model reaches: scripts, views of other frameworks, functions that nobody calls."""

from __future__ import annotations

import textwrap

import pytest
from linking import linker

from backend_gate.settings import Settings

TAINTED = "request-tainted"
Hole = tuple[str, str, str]

FLASK = """\
import sqlite3
from flask import Flask, request

app = Flask(__name__)
db = sqlite3.connect("x.db")

"""


def holes(files: dict[str, str]) -> list[Hole]:
    """Expression, position and origin of each hole of ``{path: source}``."""
    found = linker(files)
    found.run()
    found.judge(Settings())
    every = [h for sql in found.backend.statements for h in sql.holes]
    return list(dict.fromkeys((h.expression, h.position, h.origin) for h in every))


def script(source: str) -> list[Hole]:
    return holes({"main.py": textwrap.dedent(source)})


SCRIPTS = {
    "a name that nobody binds": (
        """
        import sqlite3
        cursor = sqlite3.connect("x.db").cursor()
        cursor.execute("SELECT * FROM t WHERE n = '%s'" % wanted)
        """,
        [("wanted", "value", "unknown")],
    ),
    "the command line": (
        """
        import sqlite3
        import sys
        name = sys.argv[1]
        query = "SELECT * FROM t WHERE n = '" + name + "'"
        sqlite3.connect("x.db").execute(query)
        """,
        [("name", "value", "configuration")],
    ),
    "a name that is bound again and again": (
        """
        import sqlite3
        db = sqlite3.connect("x.db")
        query = f"SELECT * FROM t WHERE n = '{input()}'"
        db.execute(query)
        query = "SELECT * FROM t"
        db.execute(query)
        """,
        [("input()", "value", "configuration")],
    ),
    "only if it is the main module": (
        """
        import sqlite3
        db = sqlite3.connect("x.db")
        if __name__ == "__main__":
            db.execute(f"DELETE FROM t WHERE n = '{wanted}'")
        else:
            db.execute(f"DELETE FROM t WHERE n = '{other}'")
        """,
        [("wanted", "value", "unknown")],
    ),
    "a function that the script calls": (
        """
        import sqlite3
        db = sqlite3.connect("x.db")
        def drop(table):
            db.execute(f"DROP TABLE {table}")
        for name in ("old", "older"):
            drop(name)
        db.execute("SELECT 1")
        """,
        [],
    ),
    "two functions of one name": (
        """
        import sqlite3
        db = sqlite3.connect("x.db")
        def find(first):
            db.execute(f"SELECT * FROM t WHERE n = '{first}'")
        def find(second):
            db.execute(f"SELECT * FROM t WHERE n = '{second}'")
        """,
        [("first", "value", "unknown"), ("second", "value", "unknown")],
    ),
    "a cloud function": (
        """
        import psycopg2
        def handler(event, context):
            user = event["requestContext"]["user"]
            with psycopg2.connect("dbname=x") as connection, connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM t WHERE n = '{user}'")
        """,
        [("user", "value", TAINTED)],
    ),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts(name: str) -> None:
    source, expected = SCRIPTS[name]
    assert script(source) == expected


KEPT = (
    "import configparser\nparser = configparser.ConfigParser()\nparser.add_section('s')\n"
    "parser.set('s', 'a', 'fixed')\nparser.set('s', 'b', request.args['q'])\n"
)
VIEWS = {
    "a field of a form": ("value = request.form['q']", "value", TAINTED),
    "one of several": ("value = request.args.getlist('q')[0]", "value", TAINTED),
    "the names of headers": (
        "value = ''\nfor name in request.headers.keys():\n    value = name",
        "value",
        TAINTED,
    ),
    "decoded and encoded": (
        "import base64\nvalue = base64.b64decode(base64.b64encode(request.data)).decode()",
        "value",
        TAINTED,
    ),
    "a part of a text": ("value, _, rest = request.args['q'].partition('=')", "value", TAINTED),
    "kept in a configuration": (
        KEPT + "value = parser.get('s', 'b')",
        "value",
        TAINTED,
    ),
    "the other one in a list": (
        "items = ['a', request.args['q']]\nitems.reverse()\nvalue = items[0]",
        "value",
        TAINTED,
    ),
    "the part of the path": ("value = part", "value", TAINTED),
    "the number in the path": ("value = number", "value", "coerced"),
    "what another function gives": ("value = twice(request.args['q'])", "value", TAINTED),
    "converted where it is read": ("value = request.args.get('q', type=int)", "value", "coerced"),
    "captured by a pattern": (
        "match request.json:\n    case {'q': value}:\n        pass",
        "value",
        TAINTED,
    ),
}


@pytest.mark.parametrize("name", VIEWS)
def test_views_of_flask(name: str) -> None:
    lines, expression, origin = VIEWS[name]
    source = f"""{FLASK}
def twice(text):
    return text + text


def register(application):
    @application.route("/x/<part>/<int:number>", methods=["POST"])
    def view(part, number):
{textwrap.indent(lines, " " * 8)}
        db.execute(f"SELECT * FROM t WHERE n = '{{{expression}}}'")
"""
    assert [(e, o) for e, _, o in holes({"main.py": source})] == [(expression, origin)]


CLEAN = {
    "checked before": "value = request.args['q']\nif not value.isalnum():\n    return 'no'",
    "a condition that never holds": "value = request.args['q'] if 7 * 6 - 42 else 'fixed'",
    "another key of the dict": "table = {}\ntable['a'] = 'fixed'\ntable['b'] = request.args['q']\nvalue = table['a']",
    "another option": KEPT + "value = parser.get('s', 'a')",
    "the other one in a list": "items = ['a', request.args['q']]\nitems.reverse()\nvalue = items[1]",
    "overwritten": "value = request.args['q']\nvalue = 'fixed'",
    "looked up": "value = {'a': 'x', 'b': 'y'}[request.args['q']]",
    "one of two": "value = request.args['q']\nif value != 'a' and value != 'b':\n    return 'no'",
    "compared by a pattern": "match request.args['q']:\n    case 'a' | 'b' as value:\n        pass\n"
    "    case _:\n        return 'no'",
    "refused otherwise": "from flask import abort\nvalue = request.args['q']\n"
    "if value not in ('a', 'b'):\n    abort(400)",
    "a member by its name": "import enum\nclass Kind(enum.Enum):\n    A = 'a'\nvalue = Kind[request.args['q']].value",
    "shared with the allowed": "value = ', '.join({'a', 'b'} & set(request.args.getlist('q')))",
}


@pytest.mark.parametrize("name", CLEAN)
def test_views_whose_text_no_client_chooses(name: str) -> None:
    source = f"""{FLASK}
@app.route("/x")
def view():
{textwrap.indent(CLEAN[name], " " * 4)}
    db.execute(f"SELECT * FROM t WHERE n = '{{value}}'")
"""
    assert {origin for _, _, origin in holes({"main.py": source})} <= {"allow-listed", "constant"}


def test_a_text_that_is_written_piece_by_piece() -> None:
    source = f"""{FLASK}
import io

@app.route("/x")
def view():
    out = io.StringIO()
    out.write("SELECT * FROM t WHERE n = '")
    out.write(request.args["q"])
    out.write("'")
    db.execute(out.getvalue())
"""
    assert holes({"main.py": source}) == [("request.args['q']", "value", TAINTED)]


def test_views_of_django() -> None:
    source = """\
from django.db import connection
from django.views import View
from .models import Person


def search(request, kind):
    name = request.GET.get("name")
    return Person.objects.raw("SELECT * FROM person WHERE name = '%s'" % name)


class Search(View):
    def get(self, request):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM person WHERE name = '" + request.GET["name"] + "'")
"""
    assert holes({"app/views.py": source, "app/__init__.py": ""}) == [
        ("name", "value", TAINTED),
        ("request.GET['name']", "value", TAINTED),
    ]


WHOLE = {
    "a driver": ("db.execute(request.args['q'])", "request.args['q']"),
    "in a text of SQLAlchemy": ("session.execute(text(request.args['q']))", "request.args['q']"),
    "a session": ("session.execute(request.json['q'])", "request.json['q']"),
    "a database that nobody knows": ("g.connection.execute(request.args['q'])", "request.args['q']"),
    "by keyword": ("g.cursor.execute(operation='SELECT ' + request.args['q'])", "request.args['q']"),
    "through a partial": (
        "partial(db.execute)('DELETE FROM t WHERE n = ' + request.args['q'])",
        "request.args['q']",
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_a_client_sends_runs_as_it_is(name: str) -> None:
    line, expression = WHOLE[name]
    source = f"""{FLASK}
from functools import partial
from flask import g
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

session = Session(create_engine("sqlite://"))

@app.route("/x")
def view():
    return {line}
"""
    assert [(e, o) for e, _, o in holes({"main.py": source})] == [(expression, TAINTED)]


@pytest.mark.parametrize(
    "line",
    [
        "session.execute(select(User).where(User.name == request.args['q']))",
        "session.query(User).order_by(request.args['q']).all()",
        "command.execute(request.args['q'])",
        "session.get(User, request.args['q'])",
    ],
)
def test_what_a_client_sends_and_no_sql(line: str) -> None:
    source = f"""{FLASK}
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session
from models import User
from commands import command

session = Session(create_engine("sqlite://"))

@app.route("/x")
def view():
    return {line}
"""
    assert holes({"main.py": source}) == []


def test_the_paths_of_django_say_what_their_parts_are() -> None:
    views = """\
from django.db import connection
from django.views import View


def by_name(request, name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM person WHERE name = '%s'" % name)


def by_number(request, number):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM person WHERE id = %s" % number)


class Detail(View):
    def get(self, request, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM person WHERE name = '%s'" % kwargs["slug"])
            cursor.execute("SELECT * FROM person WHERE id = '%s'" % kwargs["year"])


def extra(request, people):
    people.extra(order_by=[request.GET["by"]])
"""
    urls = """\
from django.urls import path, re_path
from . import views

urlpatterns = [
    path("people/<str:name>/", views.by_name),
    path("people/<int:number>/", views.by_number),
    re_path(r"^detail/(?P<slug>[\\w-]+)/(?P<year>[0-9]+)/$", views.Detail.as_view()),
]
"""
    assert holes({"app/views.py": views, "app/urls.py": urls, "app/__init__.py": ""}) == [
        ("name", "value", TAINTED),
        ("number", "value", "coerced"),
        ("kwargs['slug']", "value", TAINTED),
        ("kwargs['year']", "value", "coerced"),
        ("request.GET['by']", "identifier", TAINTED),
    ]


def test_a_text_that_stands_in_another_file() -> None:
    source = """\
from texts import FIND


def find(cursor, name):
    cursor.execute(FIND.format(name))
"""
    texts = "FIND = \"SELECT * FROM t WHERE n = '{}'\"\n"
    assert holes({"texts.py": texts, "main.py": source}) == [("name", "value", "unknown")]


ESCAPED = {
    "a value": ('q.replace("\'", "\'\'")', "value", True, "unknown"),
    "a value with a backslash": ('q.replace("\'", "\\\\\'")', "value", True, "unknown"),
    "something else is replaced": ("q.replace('a', 'b')", "value", False, "unknown"),
    "only words are left": ("re.sub(r'[^a-z0-9_]', '_', q)", "value", False, "allow-listed"),
    "only words are left by a pattern": ("WORDS.sub('', q)", "value", False, "allow-listed"),
    "quotes are left": ("re.sub(r'[^a-z\\']', '_', q)", "value", False, "unknown"),
}


@pytest.mark.parametrize("name", ESCAPED)
def test_quotes_that_are_doubled_and_signs_that_are_taken_out(name: str) -> None:
    expression, position, escaped, origin = ESCAPED[name]
    source = f"""\
import re
import sqlite3

WORDS = re.compile(r"\\W+")
db = sqlite3.connect("x.db")


def find(q):
    safe = {expression}
    db.execute(f"SELECT * FROM t WHERE n = '{{safe}}'")
"""
    found = linker({"main.py": source})
    found.run()
    found.judge(Settings())
    ((hole,),) = (sql.holes for sql in found.backend.statements)
    assert (hole.position, hole.escaped, hole.origin) == (position, escaped, origin)


def test_names_of_the_schema_and_folders_that_the_library_makes() -> None:
    found = script("""
        import sqlite3
        import tempfile


        class Records:
            def __init__(self, db: sqlite3.Connection, source):
                self.db = db
                self.source = source

            @property
            def table(self):
                return self.source.model.__tablename__

            def all(self):
                return self.db.execute(f"SELECT * FROM {self.table}").fetchall()

            def save(self, name):
                with tempfile.TemporaryDirectory() as folder:
                    self.db.execute(f"ATTACH '{folder}/copy.db' AS copy")
                with tempfile.TemporaryDirectory(prefix=name) as named:
                    self.db.execute(f"ATTACH '{named}/copy.db' AS copy")
        """)
    assert found == [
        ("self.table", "identifier", "schema-derived"),
        ("folder", "value", "literal"),
        ("named", "value", "unknown"),
    ]


def test_what_a_function_takes_along_as_a_default() -> None:
    found = script("""
        import sqlite3
        from driver import soon


        async def find(db: sqlite3.Connection, keys, order):
            marks = ",".join("?" for _ in keys)

            def fetch(marks=marks, given=keys, by="name"):
                return db.execute(f"SELECT * FROM t WHERE k IN ({marks}) ORDER BY {by}", given).fetchall()

            return await soon(fetch)
        """)
    assert found == [("'?'", "value", "placeholder-list"), ("by", "identifier", "unknown")]


def test_which_column_holds_the_geometry_is_asked_of_the_database() -> None:
    found = script("""
        import sqlite3


        def within(db: sqlite3.Connection, packed: bool, box):
            catalogue, name = ("gpkg_geometry_columns", "column_name") if packed else ("geometry_columns", "f_column")
            cursor = db.cursor()
            cursor.execute(f"SELECT {name} FROM {catalogue} WHERE f_table = 'shops'")
            column = cursor.fetchall()[0][0]
            cursor.execute(f"SELECT * FROM shops WHERE touches({column}, ?)", (box,))
            other = cursor.execute("SELECT kind FROM shops").fetchone()[0]
            cursor.execute(f"SELECT * FROM shops WHERE touches({other}, ?)", (box,))
        """)
    assert ("column", "identifier", "schema-derived") in found
    assert ("other", "identifier", "stored") in found


def test_of_pairs_that_may_come_from_somewhere_unknown_each_part_is_what_it_is() -> None:
    found = script("""
        import sqlite3
        from elsewhere import other


        def identity(cursor: sqlite3.Cursor, name):
            if name is None:
                return None
            row = cursor.execute("SELECT number FROM runs WHERE name = ?", (name,)).fetchone()
            return ("number", row[0]) if row else ("name", name)


        def rename(cursor: sqlite3.Cursor, name):
            found = identity(cursor, name)
            if found is None:
                found = other(cursor, name)
            column, value = found
            cursor.execute(f"UPDATE runs SET name = ? WHERE {column} = '{value}'", (name,))
        """)
    assert sorted(found) == [("column", "identifier", "unknown"), ("value", "value", "stored")]


@pytest.mark.parametrize(
    ("declared", "origin"),
    [
        ("part: str", TAINTED),
        ("part: int", "coerced"),
        ("part: str = Path(regex='^[a-z_]*$')", "allow-listed"),
        ("part: Annotated[str, Path(pattern='^[a-z_]*$')]", "allow-listed"),
        ("part: Annotated[str, Depends(known)]", "unknown"),
        ("part: str = Depends(known)", "unknown"),
    ],
)
def test_what_a_parameter_says_of_the_part_of_a_path(declared: str, origin: str) -> None:
    """Nobody sees who registers the view: its decorator names the path."""
    source = f"""
import sqlite3
from typing import Annotated
from fastapi import Depends, Path
from routes import elsewhere

db = sqlite3.connect("x.db")

def known(part: str) -> str:
    return db.execute("SELECT name FROM parts WHERE name = ?", (part,)).fetchone()["name"]

@elsewhere.get("/x/{{part}}")
def view({declared}):
    db.execute(f"SELECT * FROM t WHERE n = '{{part}}'")
"""
    assert [o for _, _, o in holes({"main.py": source})] == [origin]
