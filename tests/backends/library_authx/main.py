"""A library whose object gives guards, as methods, as properties and as ready dependencies."""

from authx import AuthX, AuthXConfig, RequestToken, TokenPayload
from authx.dependencies import AuthXDependency
from authx.exceptions import AuthXException
from fastapi import Depends, FastAPI, HTTPException, Request

BERTHS: list[str] = []

config = AuthXConfig(JWT_SECRET_KEY="a secret of this example, long enough")
config.JWT_TOKEN_LOCATION = ["headers", "cookies"]
auth: AuthX = AuthX(config=config)

app = FastAPI()
auth.handle_errors(app)


@app.post("/by-property", dependencies=[Depends(auth.access_token_required)])
def by_property() -> None:
    BERTHS.append("property")


@app.post("/by-method")
def by_method(payload: TokenPayload = Depends(auth.token_required(verify_fresh=True))) -> None:
    BERTHS.append(payload.sub)


@app.post("/ready")
def ready(payload: TokenPayload = auth.ACCESS_REQUIRED) -> None:
    BERTHS.append(payload.sub)


@app.post("/renewed")
def renewed(payload: TokenPayload = Depends(auth.refresh_token_required)) -> str:
    return auth.create_access_token(payload.sub)


@app.post("/scope", dependencies=[Depends(auth.scopes_required("berths:write"))])
def scope() -> None:
    BERTHS.append("scope")


@app.post("/who")
def who(name=Depends(auth.get_current_subject)) -> None:
    BERTHS.append(name)


@app.post("/verified")
def verified(token: RequestToken = Depends(auth.get_access_token_from_request)) -> None:
    try:
        BERTHS.append(auth.verify_token(token, verify_csrf=False).sub)
    except AuthXException as error:
        raise HTTPException(401) from error


@app.post("/read")  # expect: BG101
async def read(request: Request) -> None:
    token = await auth.get_token_from_request(request)
    BERTHS.append("known" if token else "unknown")


@app.post("/bundle")  # expect: BG101
def bundle(tools: AuthXDependency = Depends(auth.get_dependency), token=auth.ACCESS_TOKEN) -> None:
    BERTHS.append("bundle")


@app.post("/asked")
async def asked(tools: AuthXDependency = auth.DEPENDENCY) -> None:
    BERTHS.append(await tools.get_current_subject())
