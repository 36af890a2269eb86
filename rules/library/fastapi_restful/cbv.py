"""The same classes under the library's later name."""

from fastapi_utils.cbv import cbv
