from fastapi import FastAPI

from portal.admin import REPORTS, admin
from portal.site import site

app = FastAPI()


@app.post("/drafts/{name}")  # expect: BG101
def draft(name: str) -> list[str]:
    REPORTS.append(name)
    return REPORTS


app.mount("/admin", admin)
app.mount("/", site)
