"""Turns away requests that another site has a browser send; who sends them, it does not ask.

Never imported by the gate: it is read in place of the library.
"""

from fastapi_csrf_protect.core import CsrfProtect
