"""An application for each version, mounted below a prefix of its own.

Never imported by the gate: it is read in place of the library.
"""

from fastapi_versioning.routing import versioned_api_route
from fastapi_versioning.versioning import VersionedFastAPI, version
