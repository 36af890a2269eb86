"""What the router factories and guards of fastapi-users do, as far as a backend can be judged by it.

Never imported by the gate: it is read in place of the library, which is not part of a project. Names and
signatures are the library's own; everything that neither makes a route nor lets a request pass is left out.
"""

from fastapi_users.fastapi_users import FastAPIUsers
