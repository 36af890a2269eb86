"""A token as it comes with a request, and what stands in it."""

import jwt
from pydantic import BaseModel

from authx.exceptions import FreshTokenRequiredError, JWTDecodeError, TokenTypeError


class TokenPayload(BaseModel):
    sub: str
    type: str | None = None
    fresh: bool = False
    scopes: list[str] | None = None


class TokenResponse(BaseModel):
    access_token: str
    refresh_token: str
    token_type: str = "bearer"


class RequestToken(BaseModel):
    token: str
    csrf: str | None = None
    type: str = "access"
    location: str

    def verify(self, key, verify_jwt=True, verify_type=True, verify_fresh=False, **options) -> TokenPayload:
        try:
            if verify_jwt:
                claims = jwt.decode(self.token, key)
            else:
                claims = jwt.decode(self.token, options={"verify_signature": False})
        except jwt.PyJWTError as error:
            raise JWTDecodeError from error
        payload = TokenPayload.model_validate(claims)
        if verify_type and payload.type != self.type:
            raise TokenTypeError
        if verify_fresh and not payload.fresh:
            raise FreshTokenRequiredError
        return payload
