from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, File, Form, Header, HTTPException, Request, UploadFile

from inbox.types import Batch, Label, Mail, Options, Payload


def sender(x_api_key: Annotated[str | None, Header()] = None) -> str:
    if x_api_key not in ("anna", "ben"):
        raise HTTPException(401)
    return x_api_key


app = FastAPI(dependencies=[Depends(sender)])
SENT: list[str] = []


def keep(*what: Any) -> int:
    SENT.append(repr(what))
    return len(SENT)


@app.post("/typed")
async def typed(mail: Mail, options: Options, urgent: Annotated[bool, Body(embed=True)] = False) -> int:
    return keep(mail, options, urgent)


@app.post("/batch")
async def batch(mails: Batch[Mail], by: Annotated[str, Depends(sender)]) -> int:
    return keep(mails, by)


@app.post("/values")
async def values(weights: dict[str, float], label: Label, mails: list[Mail]) -> int:
    return keep(weights, label, mails)


@app.post("/form")
async def form(subject: Annotated[str, Form()], text: UploadFile, extra: Annotated[bytes, File()]) -> int:
    return keep(subject, text, extra)


@app.post("/open")
async def open_mapping(mail: dict) -> int:  # expect: BG201
    return keep(mail)


@app.post("/open-values/{folder}")
async def open_values(folder: str, limit: int, mail: dict[str, Any]) -> int:  # expect: BG201
    return keep(folder, limit, mail)


@app.post("/alias")
async def alias(payload: Payload) -> int:  # expect: BG201
    return keep(payload)


@app.post("/union")
async def union(mail: Mail | dict) -> int:  # expect: BG201
    return keep(mail)


@app.post("/list")
async def open_list(
    mails: list[dict[str, Any]],  # expect: BG201
    options: Options,
) -> int:
    return keep(mails, options)


@app.post("/anything")
async def anything(mail=Body(...)) -> int:  # expect: BG201
    return keep(mail)


@app.post("/raw")
async def raw(request: Request) -> int:
    mail = await request.json()  # expect: BG201
    return keep(mail["to"], mail["text"])


@app.post("/raw-checked")
async def raw_checked(request: Request) -> int:
    mail = Mail.model_validate(await request.json())  # expect: BG202
    return keep(mail)
