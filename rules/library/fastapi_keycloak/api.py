"""The guards. What the administration of users sends to Keycloak is no part of a request's way in."""

from fastapi import Depends, HTTPException
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt

from fastapi_keycloak.model import OIDCUser


class FastAPIKeycloak:
    def __init__(
        self, server_url, client_id, client_secret, realm, admin_client_secret, callback_uri, **options
    ):
        self.server_url = server_url
        self.client_id = client_id
        self.client_secret = client_secret
        self.realm = realm
        self.callback_uri = callback_uri
        self.user_auth_scheme = OAuth2PasswordBearer(tokenUrl=server_url)

    def add_swagger_config(self, app):
        return None

    def get_current_user(self, required_roles=None, extra_fields=None):
        def current_user(token: str = Depends(self.user_auth_scheme)) -> OIDCUser:
            try:
                claims = jwt.decode(token, self.client_secret)
            except JWTError as error:
                raise HTTPException(status_code=401) from error
            user = OIDCUser.parse_obj(claims)
            for role in required_roles or []:
                if role not in user.roles:
                    raise HTTPException(status_code=403)
            return user

        return current_user
