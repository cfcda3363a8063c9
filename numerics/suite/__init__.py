"""Claims inside a test suite: properties, expectations, guards, the ledger, the pytest plugin.

`numerics.testing` is the door. This package imports nothing by itself, so that the plugin costs a
suite without claims next to nothing.
"""
