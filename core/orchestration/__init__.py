"""The rules of a backend as plain functions over a store: what may be registered, run, changed and deleted, and how.

The first argument of every function is the store. Records come back as dicts with the fields of the API. What the
caller asked for and cannot have is a :class:`prefect.exceptions.ClientError`; errors of the store pass through.

Source: backend.md.
"""
