from pydantic import BaseModel

from clinic.routing import StaffRouter, VersionedRouter


class Patient(BaseModel):
    name: str


class Patients:
    router = StaffRouter(prefix="/patients")
    names: list[str] = []


@Patients.router.get("/")
def list_patients() -> list[str]:
    return Patients.names


@Patients.router.post("/")
def add_patient(patient: Patient) -> list[str]:
    Patients.names.append(patient.name)
    return Patients.names


visits = VersionedRouter(prefix="/visits")


@visits.delete("/{visit_id}")  # expect: BG101
def cancel(visit_id: int) -> int:
    del Patients.names[visit_id : visit_id + 1]
    return visit_id
