"""What is known of SQL without knowing Python: statements with holes, their positions, their judgement.

Nothing here reads facts or runs the linker; the linker builds :class:`~.template.Template` values and
asks :func:`~.statement.positions` and :func:`~.lattice.severity`.
"""
