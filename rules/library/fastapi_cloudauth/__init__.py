"""Guards that verify tokens of Auth0, Cognito and Firebase: objects, and copies of them that ask for more.

Never imported by the gate: it is read in place of the library.
"""

from fastapi_cloudauth.auth0 import Auth0, Auth0CurrentUser
from fastapi_cloudauth.cognito import Cognito, CognitoCurrentUser
from fastapi_cloudauth.firebase import FirebaseCurrentUser
