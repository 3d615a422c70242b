"""``TenantView``: who owns what a backend keeps.

Source: backend.md §20.4.
"""

from __future__ import annotations

from dataclasses import dataclass

from prefect.backend.errors import require_text


@dataclass(frozen=True)
class TenantView:
    """A tenant as it was when it was looked at."""

    tenant_id: str
    name: str
    slug: str

    @classmethod
    def from_tenant_id(cls, tenant_id: str) -> TenantView:
        """Return the tenant of an id.

        Raises:
            TypeError: The id is no text.
            ValueError: There is no such tenant.
        """
        from prefect.client import Client

        require_text(tenant_id, "tenant_id")
        for tenant in Client().get_available_tenants():
            if tenant["id"] == tenant_id:
                return cls(tenant["id"], tenant["name"], tenant["slug"])
        raise ValueError(
            f"No results found while querying for tenants where {{'id': {tenant_id!r}}}."
            " See `prefect.Client().get_available_tenants()`."
        )

    @classmethod
    def from_current_tenant(cls) -> TenantView:
        """Return the tenant whose records are meant."""
        from prefect.client import Client

        return cls.from_tenant_id(Client().tenant_id)
