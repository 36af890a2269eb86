"""Plant faults in copies of real backends and see whether the gate finds them.

One file a kind of operators: :mod:`~bench.mutate.guards`, :mod:`~bench.mutate.weakened`,
:mod:`~bench.mutate.bodies`, :mod:`~bench.mutate.statements`, :mod:`~bench.mutate.handlers`,
:mod:`~bench.mutate.failures`. Each knows what its edit does to the
backend and which finding is due. ``python -m bench.mutate`` runs them.
"""
