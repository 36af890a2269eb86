"""A guard that is called after something was done: too late if others can see it, in time if nobody can."""

from __future__ import annotations

import pytest
from linking import verdict_of

from backend_gate.backend.model import Verdict

HEAD = """\
import boto3
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
