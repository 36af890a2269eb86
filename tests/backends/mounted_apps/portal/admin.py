from fastapi import Depends, FastAPI, HTTPException, Request


def signed_in(request: Request) -> str:
    name = request.cookies.get("session")
    if name != "admin":
        raise HTTPException(status_code=401)
    return name


admin = FastAPI(dependencies=[Depends(signed_in)])
REPORTS: list[str] = []


@admin.get("/reports")
def reports() -> list[str]:
    return REPORTS


@admin.delete("/reports/{name}")
def remove(name: str) -> str:
    REPORTS[:] = [report for report in REPORTS if report != name]
    return name
