"""Sign-in by Keycloak: a factory of guards that verify its tokens.

Never imported by the gate: it is read in place of the library.
"""

from fastapi_keycloak.api import FastAPIKeycloak
from fastapi_keycloak.model import OIDCUser
