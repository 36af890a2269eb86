"""Pages: routes that answer with one get its parameters as a dependency when the application starts.

Never imported by the gate: it is read in place of the library. What fills a page is no part of it.
"""

from fastapi_pagination.api import add_pagination, pagination_ctx
from fastapi_pagination.default import Page, Params
from fastapi_pagination.limit_offset import LimitOffsetPage, LimitOffsetParams
