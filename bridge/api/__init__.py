"""The door to the network: what comes in over HTTP, and nothing else. What is done with it is the engine's."""
