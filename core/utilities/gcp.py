"""Clients of Google Cloud.

Source: core.md §19.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from prefect.client.secrets import Secret
from prefect.utilities._extras import import_extra

_import_google = partial(import_extra, extra="gcp", purpose="Access to Google Cloud")


def get_google_client(submodule: Any, credentials: dict[str, Any] | None = None, project: str | None = None) -> Any:
    """Return a client of one of Google's services.

    Args:
        submodule: Module with a class ``Client``, such as ``google.cloud.storage``.
        credentials: Content of a service account's key file; by default the secret ``GCP_CREDENTIALS``, else what the
            library finds itself.
        project: Project; by default that of the credentials.

    Raises:
        ImportError: The ``gcp`` extra is not installed.
    """
    secret = Secret("GCP_CREDENTIALS")
    credentials = credentials or (secret.get() if secret.exists() else None)
    if not credentials:
        return submodule.Client(project=project)
    service_account = _import_google("google.oauth2.service_account", package="google-auth")
    account = service_account.Credentials.from_service_account_info(credentials)
    return submodule.Client(project=project or account.project_id, credentials=account)


def get_storage_client(credentials: dict[str, Any] | None = None, project: str | None = None) -> Any:
    """Return a client of Cloud Storage; see :func:`get_google_client`."""
    storage = _import_google("google.cloud.storage", package="google-cloud-storage")
    return get_google_client(storage, credentials=credentials, project=project)


def get_bigquery_client(credentials: dict[str, Any] | None = None, project: str | None = None) -> Any:
    """Return a client of BigQuery; see :func:`get_google_client`."""
    bigquery = _import_google("google.cloud.bigquery", package="google-cloud-bigquery")
    return get_google_client(bigquery, credentials=credentials, project=project)
