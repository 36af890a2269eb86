"""Libraries that check something of a request: a token of somebody, where it comes from, or how often it comes."""

from fastapi import Depends, FastAPI, HTTPException, Request, Security
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyHeader
from fastapi_another_jwt_auth import AuthJWT
from fastapi_another_jwt_auth.exceptions import AuthJWTException
from fastapi_azure_auth import SingleTenantAzureAuthorizationCodeBearer
from fastapi_cloudauth import Auth0, FirebaseCurrentUser
from fastapi_cloudauth.auth0 import Auth0CurrentUser
from fastapi_csrf_protect import CsrfProtect
from fastapi_csrf_protect.exceptions import CsrfProtectError
from pydantic import BaseModel
from slowapi import Limiter
from slowapi.errors import RateLimitExceeded
from slowapi.middleware import SlowAPIMiddleware
from slowapi.util import get_remote_address

BERTHS: list[str] = []
KEYS = {"a key of this example"}


class Claim(BaseModel):
    sub: str


auth0 = Auth0(domain="harbour", customAPI="berths", issuer="harbour")
lenient = Auth0CurrentUser(domain="harbour", client_id="berths", issuer="harbour", auto_error=False)
firebase = FirebaseCurrentUser(project_id="berths")
azure = SingleTenantAzureAuthorizationCodeBearer(app_client_id="berths", tenant_id="harbour")
limiter = Limiter(key_func=get_remote_address)

app = FastAPI()
app.state.limiter = limiter
app.add_middleware(SlowAPIMiddleware)


@app.exception_handler(AuthJWTException)
@app.exception_handler(CsrfProtectError)
def turned_away(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": error.message}, error.status_code)


@app.exception_handler(RateLimitExceeded)
def too_often(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "too often"}, 429)


def signed_in(key: str = Depends(APIKeyHeader(name="x-key"))) -> None:
    if key not in KEYS:
        raise HTTPException(401)


@app.post("/scope", dependencies=[Depends(auth0.scope(["berths:write"]))])
def scope() -> None:
    BERTHS.append("scope")


@app.post("/claim")
def claim(who: Claim = Depends(auth0.claim(Claim))) -> None:
    BERTHS.append(who.sub)


@app.post("/firebase")
def by_firebase(who=Depends(firebase)) -> None:
    BERTHS.append("firebase")


@app.post("/lenient")  # expect: BG101
def by_anybody(who=Depends(lenient)) -> None:
    BERTHS.append("anybody")


@app.post("/azure")
def by_azure(who=Security(azure)) -> None:
    BERTHS.append("azure")


@app.post("/asked")
def asked(authorize: AuthJWT = Depends()) -> None:
    authorize.jwt_required()
    BERTHS.append("asked")


@app.post("/not-asked")  # expect: BG101
def not_asked(authorize: AuthJWT = Depends()) -> None:
    BERTHS.append("not asked")


@app.post("/same-site")  # expect: BG101
async def same_site(request: Request, protect: CsrfProtect = Depends()) -> None:
    await protect.validate_csrf(request)
    BERTHS.append("same site")


@app.post("/seldom")  # expect: BG101
@limiter.limit("5/minute")
def seldom(request: Request) -> None:
    BERTHS.append("seldom")


@app.post("/seldom-and-known", dependencies=[Depends(signed_in)])
@limiter.limit("5/minute")
async def seldom_and_known(request: Request) -> None:
    BERTHS.append("known")
