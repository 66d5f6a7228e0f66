"""The base of every simulator: a strict target as a real server, with a side door and faults on demand.

A target's own rules, codes and answers do not belong here; they are in `adapters/<target>/simulator`. That module names
its class `SIMULATOR`. How to write one: `server.Simulator`. How to start some: `launch.launch`.
"""
