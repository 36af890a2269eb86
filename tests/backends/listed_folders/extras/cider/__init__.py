__all__ = ["casks", "router"]

from . import casks
from .router import router
