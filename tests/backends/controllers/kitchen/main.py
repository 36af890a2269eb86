from fastapi import FastAPI

from kitchen import recipes

app = FastAPI()
app.include_router(recipes.router, prefix="/api")
app.include_router(recipes.menu, prefix="/api")
