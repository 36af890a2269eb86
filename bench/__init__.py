"""Measurements of the gate on real backends, side by side with what the frameworks and the peers say.

Nothing here is installed with the package. Run from the repository's root: ``python -m bench.<module>``.
"""
