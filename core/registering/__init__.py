"""Registering and building what files, modules and JSON files hold: what ``prefect register`` and ``prefect build`` do.

Source: cli.md §5 and §7.
"""
