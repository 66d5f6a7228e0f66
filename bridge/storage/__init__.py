"""Storage: our own database, the sealed files, the keys, and the locks of the machine.

`engine.SqlStore` keeps the promise of `bridge.ports.store`; `materials.SealedMaterials` and `locks.WorkerLocks` those
of their ports. What does not belong here: what anything means (that is the engine's).
"""
