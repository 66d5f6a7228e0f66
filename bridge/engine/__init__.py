"""What Permit Bridge does: accept, plan, deliver, retry, resolve, hear, operate, show. It never names a target.

Only the flow of work belongs here; data and pure rules are in `bridge.model`, wires in adapters, SQL in
`bridge.storage`.
"""
