"""Which SQL a program runs, and where each hole of it comes from.

What SQL is, is known by :mod:`backend_gate.backend.sql`; which names run it, by ``sql.yaml`` and
``provenance.yaml`` of the vocabulary. This package looks at what the interpreter saw and brings both
together.
"""
