"""Which frameworks a tree uses, with the evidence."""

from __future__ import annotations

from pathlib import Path

import pytest
from trees import plant

from backend_gate.discover.frameworks import Detected, detect
from backend_gate.settings import Settings


def found(root: Path, files: dict[str, str]) -> dict[str, Detected]:
    return {each.framework: each for each in detect(plant(root, files), Settings())}


@pytest.mark.parametrize(
    ("files", "framework", "file", "line", "what"),
    [
        (
            {"app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"},
            "FastAPI",
            "app/main.py",
            3,
            "makes a FastAPI application",
        ),
        ({"app/x.py": "import os\nimport fastapi\n"}, "FastAPI", "app/x.py", 2, "imports fastapi"),
        (
            {"requirements.txt": "# web\nfastapi==1\n", "x.py": ""},
            "FastAPI",
            "requirements.txt",
            2,
            "asks for fastapi",
        ),
        (
            {"x.py": "from starlette.applications import Starlette\napp = Starlette()\n"},
            "Starlette",
            "x.py",
            2,
            "makes a Starlette application",
        ),
        (
            {"x.py": "import flask\nclass App(flask.Flask): ...\n"},
            "Flask",
            "x.py",
            2,
            "makes a Flask application",
        ),
        (
            {"site/urls.py": "from django.urls import path\n\nurlpatterns = []\n"},
            "Django",
            "site/urls.py",
            3,
            "sets up a Django site",
        ),
        (
            {"api/v.py": "from rest_framework.views import APIView\n"},
            "Django REST framework",
            "api/v.py",
            1,
            "defines an API of Django REST framework",
        ),
        (
            {"x.py": "from litestar import Litestar\napp = Litestar([])\n"},
            "Litestar",
            "x.py",
            2,
            "makes a Litestar application",
        ),
        (
            {"package.json": '{\n  "dependencies": {"@nestjs/core": "1"}\n}\n'},
            "NestJS",
            "package.json",
            2,
            "asks for @nestjs/core",
        ),
        (
            {"src/main.ts": "import { NestFactory } from '@nestjs/core';\n"},
            "NestJS",
            "src/main.ts",
            1,
            "sets up a NestJS application",
        ),
        (
            {"mix.exs": 'defp deps do\n  [{:phoenix, "~> 1.7"}]\n'},
            "Phoenix",
            "mix.exs",
            2,
            "asks for phoenix",
        ),
        (
            {"lib/shop_web/router.ex": "defmodule R do\n  use ShopWeb, :router\n"},
            "Phoenix",
            "lib/shop_web/router.ex",
            2,
            "defines a Phoenix router or endpoint",
        ),
        ({"Gemfile": "source 'x'\ngem 'rails', '7'\n"}, "Rails", "Gemfile", 2, "asks for rails"),
        (
            {"config/routes.rb": "Rails.application.routes.draw do\n"},
            "Rails",
            "config/routes.rb",
            1,
            "configures a Rails application",
        ),
        (
            {"s/Shop.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web">\n'},
            "ASP.NET Core",
            "s/Shop.csproj",
            1,
            "is a web project",
        ),
        (
            {"s/Program.cs": "var b = WebApplication.CreateBuilder(args);\n"},
            "ASP.NET Core",
            "s/Program.cs",
            1,
            "sets up ASP.NET Core",
        ),
    ],
)
def test_each_framework(
    tmp_path: Path, files: dict[str, str], framework: str, file: str, line: int, what: str
) -> None:
    detected = found(tmp_path, files)

    assert list(detected) == [framework]
    assert [(each.file, each.line, each.what) for each in detected[framework].evidence] == [
        (file, line, what)
    ]
    assert detected[framework].analysed is (framework in ("FastAPI", "Starlette"))
    expected = "analysed" if detected[framework].analysed else "detected, not analysed yet"
    assert detected[framework].status == expected


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"x.py": '"""Use:\n\n  from flask import Flask\n    x = Flask()\n"""\n# import fastapi\n'},
        {"tests/test_x.py": "from flask import Flask\napp = Flask(__name__)\n"},
        {"x.py": "import flasked\n", "requirements.txt": "fastapi-utils\n# flask\n-r flask.txt\n"},
        {"package.json": '{"dependencies": {"react": "1"}, "about": "@nestjs/core"}'},
        {"package.json": "{broken"},
        {"node_modules/@nestjs/core/main.ts": "@nestjs/core"},
        {"config/routes.rb": "# nothing\n", "Gemfile": "gem 'sinatra'\n", "mix.exs": "[{:plug, 1}]"},
        {"A.csproj": '<Project Sdk="Microsoft.NET.Sdk">', "Program.cs": "class Program {}"},
    ],
)
def test_what_is_no_framework(tmp_path: Path, files: dict[str, str]) -> None:
    assert found(tmp_path, files) == {}


def test_an_application_comes_before_what_is_only_imported(tmp_path: Path) -> None:
    files = {f"app/{name}.py": "from fastapi import Depends\n" for name in "abcdef"}
    files["app/z.py"] = "from fastapi import FastAPI\n# app = FastAPI()\napp = FastAPI()\n"

    detected = found(tmp_path, files)["FastAPI"]

    assert detected.certain
    assert [each.file for each in detected.evidence] == [
        "app/z.py",
        "app/a.py",
        "app/b.py",
        "app/c.py",
        "app/d.py",
    ]
    assert detected.evidence[0].line == 3


def test_an_import_alone_is_not_certain(tmp_path: Path) -> None:
    assert not found(tmp_path, {"app/x.py": "import flask\n"})["Flask"].certain


def test_analysed_frameworks_come_first(tmp_path: Path) -> None:
    detected = found(tmp_path, {"a.py": "import django\nimport fastapi\n", "Gemfile": "gem 'rails'\n"})

    assert list(detected) == ["FastAPI", "Django", "Rails"]
