"""Runs the project's own tests under coverage. The only part of the gate that runs code of the project."""
