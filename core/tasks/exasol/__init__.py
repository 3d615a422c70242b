"""Exasol: queries, imports and exports."""

from __future__ import annotations

from prefect.tasks.exasol.exasol import ExasolExecute as ExasolExecute
from prefect.tasks.exasol.exasol import ExasolExportToFile as ExasolExportToFile
from prefect.tasks.exasol.exasol import ExasolFetch as ExasolFetch
from prefect.tasks.exasol.exasol import ExasolImportFromIterable as ExasolImportFromIterable

__all__ = ["ExasolExecute", "ExasolExportToFile", "ExasolFetch", "ExasolImportFromIterable"]
