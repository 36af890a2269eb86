"""Another application of the same package, which comes first by name."""

from fastapi import FastAPI


def make_app() -> FastAPI:
    app = FastAPI()

    @app.get("/")
    def about() -> dict[str, str]:
        return {"version": "1"}

    return app
