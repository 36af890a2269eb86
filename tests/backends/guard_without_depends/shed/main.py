from typing import Annotated

from fastapi import Depends, FastAPI

from shed.guards import keyholder, providers_do_not_guard

app = FastAPI()
TOOLS: list[str] = []
Locale = Annotated[str, Depends(providers_do_not_guard)]


@app.get("/tools")
def tools(key: Annotated[str, Depends(keyholder)], locale: Locale) -> list[str]:
    return [f"{tool} ({locale}, {key})" for tool in TOOLS]


@app.post("/tools/{tool}")
def add(tool: str, key: Annotated[str, keyholder]) -> str:  # expect: BG107
    TOOLS.append(tool)
    return key


@app.delete("/tools/{tool}")  # expect: BG101
def remove(tool: str, locale: Locale) -> str:
    TOOLS[:] = [other for other in TOOLS if other != tool]
    return locale
