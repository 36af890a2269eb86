from fastapi import Depends, FastAPI, HTTPException, status
from fastapi.responses import RedirectResponse
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm

app = FastAPI()
bearer = OAuth2PasswordBearer(tokenUrl="login")
PASSWORDS = {"anna": "h4sh"}
RATES = {"EUR": 1.1}


def customer(token: str = Depends(bearer)) -> str:
    if token not in PASSWORDS:
        raise HTTPException(status_code=status.HTTP_401_UNAUTHORIZED)
    return token


@app.get("/", include_in_schema=False)
def root() -> RedirectResponse:
    return RedirectResponse("/docs")


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/login")
def login(form: OAuth2PasswordRequestForm = Depends()) -> dict[str, str]:
    if PASSWORDS.get(form.username) != form.password:
        raise HTTPException(status_code=401, detail="Wrong name or password")
    return {"access_token": form.username, "token_type": "bearer"}


@app.get("/rates/{currency}")
def rate(currency: str) -> float:
    return RATES.get(currency, 1.0)


@app.put("/rates/{currency}")  # expect: BG101
def set_rate(currency: str, rate: float) -> float:
    RATES[currency] = rate
    return rate


@app.post("/login-reminders/{name}")  # expect: BG101
def remind(name: str) -> str:
    RATES[name] = 1.0
    return name


@app.get("/balance")
def balance(name: str = Depends(customer)) -> str:
    return f"{name}: 0"
