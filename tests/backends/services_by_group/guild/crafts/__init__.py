"""Importing the package is what fills the registry."""

from guild.crafts.cooper import Cooper
from guild.registry import register

register("cooper", Cooper)
