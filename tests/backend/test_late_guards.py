"""A guard that is called after something was done: too late if others can see it, in time if nobody can."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
import boto3
import collections
import contextvars
import csv
import hashlib
import hmac
import io
import kafka
import os
import pathlib
import shutil
import subprocess
import tempfile
from fastapi import FastAPI, HTTPException, Request

app = FastAPI()
asked_by = contextvars.ContextVar("asked_by")

def signed_in(request: Request):
    if not request.session.get("user"):
        raise HTTPException(401)

"""


def verdict(before: str) -> Verdict:
    body = f"    {before}\n    signed_in(request)\n    return store(1)\n"
    source = f'{HEAD}@app.post("/uploads")\nasync def upload(request: Request):\n{body}'
    return verdict_of(source)


@pytest.mark.parametrize(
    "before",
    [
        "digest = hashlib.sha256()\n    digest.update(await request.body())",
        "digest = hmac.new(b'k', digestmod='sha256')\n    digest.update(await request.body())",
        "kept = tempfile.TemporaryFile()\n    kept.write(await request.body())",
        "with tempfile.NamedTemporaryFile() as kept:\n        kept.write(await request.body())",
        "kept = io.BytesIO()\n    kept.write(await request.body())",
        "asked_by.set(request.client.host)",
        "kept = collections.Counter()\n    kept.update(await request.body())",
    ],
)
def test_nobody_else_sees_it(before: str) -> None:
    assert verdict(before) is Verdict.PROTECTED


@pytest.mark.parametrize(
    "before",
    [
        "bucket = boto3.client('s3')\n    bucket.put(await request.body())",
        "with open('/data/upload', 'wb') as kept:\n        kept.write(await request.body())",
        "os.remove(request.headers['x-name'])",
        "shutil.rmtree('/data')",
        "subprocess.run(['make'])",
        "pathlib.Path('/data/x').write_bytes(await request.body())",
        "channel = kafka.Producer()\n    channel.send(await request.body())",
    ],
)
def test_it_is_done(before: str) -> None:
    assert verdict(before) is Verdict.UNPROTECTED


COUNTED = """\
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from corp import rows, say, store

app = FastAPI()
counts: dict[str, int] = {}
kept: dict[str, int] = {}


class Metrics:
    async def started(self, name: str) -> None:
        counts[name] = counts.get(name, 0) + 1

    async def repeated(self, name: str) -> None:
        counts[name] += 1


metrics = Metrics()


def allowed(request: Request) -> bool:
    return request.headers.get("authorization", "") == "Bearer s"


@app.post("/notes")
async def add(request: Request, name: str, amount: int):
    BEFORE
    if not allowed(request):
        return JSONResponse({"error": "no"}, status_code=401)
    store(name)
"""


@pytest.mark.parametrize(
    "before",
    [
        "await metrics.started('notes')",
        "await metrics.repeated('notes')",
        "counts['notes'] += 1",
        "counts['notes', 'started'] += 1",
        "if len(counts) > 9:\n        return JSONResponse({'error': 'later'}, status_code=503)",
    ],
)
def test_a_counter_of_the_code_and_a_failure_are_no_work(before: str) -> None:
    assert verdict_of(COUNTED.replace("BEFORE", before)) is Verdict.PROTECTED


@pytest.mark.parametrize(
    "before",
    [
        "await metrics.started(name)",
        "await metrics.repeated(name)",
        "counts['notes'] += amount",
        "counts['notes'] -= 1",
        "kept['last'] = 1",
        "kept['last'] = counts.get('last', 0) + 1",
        "if name:\n        store(name)\n        return JSONResponse(rows(), status_code=200)",
        (
            "open('/data/notes', 'w').write(name)\n    if name:\n"
            "        return JSONResponse({}, status_code=500)"
        ),
    ],
)
def test_what_the_client_counts_under_a_name_of_its_own_is_work(before: str) -> None:
    assert verdict_of(COUNTED.replace("BEFORE", before)) is Verdict.UNPROTECTED
