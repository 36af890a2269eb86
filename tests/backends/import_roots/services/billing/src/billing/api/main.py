from fastapi import FastAPI

from billing.api.invoices import router

app = FastAPI()
app.include_router(router)
