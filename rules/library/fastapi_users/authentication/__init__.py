"""Ways to recognise a user."""

from fastapi_users.authentication.authenticator import Authenticator
from fastapi_users.authentication.backend import AuthenticationBackend
from fastapi_users.authentication.transport import BearerTransport, CookieTransport
