"""Routers that are made of a schema and a table: six routes each, guarded by what the project hands over.

Never imported by the gate: it is read in place of the library.
"""

from fastapi_crudrouter.core.mem import MemoryCRUDRouter
from fastapi_crudrouter.core.sqlalchemy import SQLAlchemyCRUDRouter
