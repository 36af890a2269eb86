from fastapi import FastAPI

from clinic import patients

app = FastAPI()
app.include_router(patients.Patients.router)
app.include_router(patients.visits)
