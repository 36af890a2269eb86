"""The application that is served is the middleware around the one with the routes."""

from fastapi import FastAPI
from main import Sentry, cargo

inner = FastAPI()
inner.post("/served")(cargo)
served = Sentry(app=inner)
