"""Libraries that add routes and guards: measurements, limits, administrations, sign-in by others."""

from fastapi import APIRouter, Depends, FastAPI, Security
from fastapi_azure_auth import SingleTenantAzureAuthorizationCodeBearer
from fastapi_limiter.depends import RateLimiter
from fastapi_login import LoginManager
from prometheus_fastapi_instrumentator import Instrumentator
from slowapi import Limiter
from slowapi.util import get_remote_address
from sqladmin import Admin
from sqlalchemy import create_engine
from starlette.requests import Request

STOCK: list[str] = []
azure = SingleTenantAzureAuthorizationCodeBearer(app_client_id="1", tenant_id="2", scopes={})
manager = LoginManager("a secret of this example, long enough", "/login")
optional = SingleTenantAzureAuthorizationCodeBearer(
    app_client_id="1", tenant_id="2", scopes={}, auto_error=False
)
limiter = Limiter(key_func=get_remote_address)
app = FastAPI()  # expect: BG101
Instrumentator().instrument(app).expose(app, endpoint="/measures")
admin = Admin(app, create_engine("sqlite://"))
limited = APIRouter(prefix="/limited", dependencies=[Depends(RateLimiter(limiter=None))])


@app.post("/azure", dependencies=[Security(azure, scopes=["stock"])])
def by_azure() -> None:
    STOCK.append("azure")


@app.post("/optional", dependencies=[Security(optional)])  # expect: BG108
def by_nobody() -> None:
    STOCK.append("nobody")


@app.post("/manager")
def by_manager(user: str = Depends(manager)) -> None:
    STOCK.append(user)


@limited.post("/stock")  # expect: BG101
def stock() -> None:
    STOCK.append("limited")


@app.post("/slow")  # expect: BG101
@limiter.limit("5/minute")
def slow(request: Request) -> None:
    STOCK.append("slow")


app.include_router(limited)
