"""The ledger (审计日志): the chain of events. Pure functions; `bridge.storage` keeps the rows."""
