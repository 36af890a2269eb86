"""An administration of database tables, mounted below an application; open without an authentication provider.

Never imported by the gate: it is read in place of the library.
"""

from starlette_admin.base import BaseAdmin
