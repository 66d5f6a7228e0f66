"""What adapter authors and our own tests need: simulators, the conformance suite, drivers, sample applications.

Shipped with the product, imports no test tool when imported. Judgements of single wires do not belong here.
"""
