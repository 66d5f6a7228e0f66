"""All that an adapter may know of Permit Bridge, and all that Permit Bridge may know of an adapter.

Only shapes and protocols belong here; tools for adapter authors are in `bridge.kit`. Import from the module itself.
"""
