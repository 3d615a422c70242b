"""Tasks for PowerShell; as in 1.x the class is in ``prefect.tasks.powershell.powershell``.

Source: core.md §21.1.
"""
