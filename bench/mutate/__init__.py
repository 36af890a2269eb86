"""Plant faults in copies of real backends and see whether the gate finds them.

One file an operator: :mod:`~bench.mutate.guards`, :mod:`~bench.mutate.bodies`,
:mod:`~bench.mutate.statements`, :mod:`~bench.mutate.handlers`. Each knows what its edit does to the
backend and which finding is due. ``python -m bench.mutate`` runs them.
"""
