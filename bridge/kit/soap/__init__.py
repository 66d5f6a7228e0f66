"""SOAP 1.1, document/literal, for adapters: envelopes, a hardened reader, values as elements, one client.

What an operation is called, which fields it has and what a fault code means is the adapter's. Sockets are `kit.http`'s.
"""
