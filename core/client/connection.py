"""What a client knows of its backend: where it is, whose records it shows, where they can be looked at.

Source: backend.md §19, §19.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prefect.client.transport import connected_store
from prefect.configuration import config
from prefect.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prefect.storage.state.store import Store


class Connection:
    """The base of the client.

    Args:
        api_server: Address of a server; by default the configured backend is used.
        api_key: Key for a server; by default that of the configuration.
        tenant_id: Tenant whose records are meant; by default the saved one, then the first there is.

    Raises:
        ValueError: The tenant's id is no UUID.
    """

    def __init__(self, api_server: str | None = None, api_key: str | None = None, tenant_id: str | None = None) -> None:
        self._server = api_server
        self.api_server: str = api_server or config.cloud.api
        self.api_key = api_key or config.cloud.api_key or None
        self._tenant_id = None if tenant_id is None else _uuid_text(tenant_id)
        #: The store, while nothing that says which one it is can change.
        self._held_store: Store | None = None
        self._attached_headers: dict[str, str] = {}

    @property
    def store(self) -> Store:
        """The store that every method works on.

        Raises:
            ClientError: The backend is not the local one.
        """
        return self._held_store or connected_store(self._server)

    def graphql(self, query: Any, raise_on_error: bool = True, **kwargs: Any) -> Any:
        """Ask the GraphQL API.

        Raises:
            ClientError: Always, in this version.
        """
        raise _no_api("GraphQL")

    def get(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """Send a GET request to the API.

        Raises:
            ClientError: Always, in this version.
        """
        raise _no_api("HTTP")

    def post(self, path: str, *args: Any, **kwargs: Any) -> Any:
        """Send a POST request to the API.

        Raises:
            ClientError: Always, in this version.
        """
        raise _no_api("HTTP")

    # ---- tenants -------------------------------------------------------------------------------------------------

    @property
    def tenant_id(self) -> str:
        """The tenant whose records are meant."""
        if self._tenant_id is None:
            self._tenant_id = self.load_auth_from_disk().get("tenant_id") or self._default_tenant_id()
        return self._tenant_id

    def _default_tenant_id(self) -> str:
        from prefect.orchestration import tenants

        tenant_id: str = tenants.default_tenant(self.store)["id"]
        return tenant_id

    def get_available_tenants(self) -> list[dict[str, str]]:
        """Return ``id``, ``slug`` and ``name`` of all tenants, by slug."""
        from prefect.orchestration import tenants

        found = [{key: tenant[key] for key in ("id", "slug", "name")} for tenant in tenants.tenants(self.store)]
        return sorted(found, key=lambda tenant: tenant["slug"])

    def get_default_tenant_slug(self) -> str:
        """Return the slug of the tenant whose records are meant.

        Raises:
            ValueError: There is no such tenant.
        """
        tenant_id = self.tenant_id
        for tenant in self.get_available_tenants():
            if tenant["id"] == tenant_id:
                return tenant["slug"]
        raise ValueError(
            f"There is no tenant {tenant_id!r}. Create the client without `tenant_id`, or with one of"
            " `Client().get_available_tenants()`."
        )

    def switch_tenant(self, tenant_slug: str | None = None, tenant_id: str | None = None) -> str:
        """Work with the records of another tenant from now on and return its id; nothing is saved.

        Raises:
            ValueError: None or both are given, or there is no such tenant.
        """
        if tenant_slug is None and tenant_id is None:
            raise ValueError("A `tenant_id` or `tenant_slug` must be provided.")
        if tenant_slug is not None and tenant_id is not None:
            raise ValueError("Only one of `tenant_id` and `tenant_slug` can be given.")
        for tenant in self.get_available_tenants():
            if tenant_slug == tenant["slug"] or tenant_id == tenant["id"]:
                self._tenant_id = tenant["id"]
                return tenant["id"]
        wanted = f"slug {tenant_slug!r}" if tenant_id is None else f"id {tenant_id!r}"
        raise ValueError(f"No tenant found with {wanted}. See `Client().get_available_tenants()`.")

    # ---- what stays of a client ----------------------------------------------------------------------------------

    def attach_headers(self, headers: Mapping[str, str]) -> None:
        """Send headers with all later requests to a server."""
        self._attached_headers.update(headers)

    def load_auth_from_disk(self) -> dict[str, str]:
        """Return the ``api_key`` and ``tenant_id`` that were saved for this backend; empty if none were."""
        from prefect.client.auth import load_auth

        return load_auth(self.api_server)

    def save_auth_to_disk(self) -> None:
        """Save key and tenant of this client in ``auth.toml``, for this backend."""
        from prefect.client.auth import save_auth

        auth = {"api_key": self.api_key, "tenant_id": self._tenant_id}
        save_auth(self.api_server, {key: value for key, value in auth.items() if value})

    def get_cloud_url(self, subdirectory: str, id: str) -> str:
        """Return where the page shows something.

        Args:
            subdirectory: ``flow``, ``flow-run`` or ``task-run``.
            id: Id of what is shown; of a flow, that of its flow group.
        """
        endpoint: str = config.server.ui.endpoint
        return "/".join((endpoint.rstrip("/"), self.get_default_tenant_slug(), subdirectory, id))


def _uuid_text(tenant_id: str) -> str:
    from uuid import UUID

    try:
        return str(UUID(tenant_id))
    except (AttributeError, TypeError, ValueError):
        raise ValueError(f"The `tenant_id` must be a valid UUID. Got {tenant_id!r}.") from None


def _no_api(kind: str) -> ClientError:
    return ClientError(
        f"This version has no {kind} API."
        " Use the methods of the client, the views of prefect.backend, or read the files of the store."
    )
