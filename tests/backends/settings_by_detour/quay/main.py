import quay.settings
from fastapi import FastAPI
from quay.settings import get_settings
from starlette.staticfiles import os  # a module of Python, taken from where it is imported

app = FastAPI()  # expect: BG101
LOG: list[str] = []


@app.get("/log")
def log() -> list[str]:
    return LOG


if get_settings().testing.test_mode:

    @app.get("/pid")
    def pid() -> list[str]:
        return LOG


if quay.settings.QUAY_ENABLE_METRICS:

    @app.get("/measures")
    def measures() -> list[str]:
        return LOG


def add_pages(app: FastAPI) -> None:
    if not os.path.exists(get_settings().pages):
        return

    @app.get("/pages")
    def pages() -> list[str]:
        return LOG


add_pages(app)

if get_settings().environment == "development":

    @app.post("/samples")
    def samples() -> None:
        LOG.append("sample")
