"""Tenants: who owns what a backend keeps. A local installation has one.

Source: backend.md §3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration.naming import checked_name
from prefect.storage.state.errors import Conflict, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prefect.storage.state.journal import Record
    from prefect.storage.state.store import Store

#: Name and slug of the tenant that a local installation begins with.
DEFAULT = "default"


def default_tenant(store: Store) -> Record:
    """Return the first tenant by slug; one called ``default`` is created if there is none."""
    known = tenants(store)
    return known[0] if known else _shown(store.documents("tenants").put(DEFAULT, _fields(DEFAULT)))


def tenants(store: Store) -> list[Record]:
    """Return all tenants by slug."""
    return [_shown(tenant) for tenant in store.documents("tenants").all()]


def create_tenant(store: Store, name: str, slug: str | None = None) -> str:
    """Create a tenant and return its id.

    Args:
        store: The store.
        name: Its name, which others may have too.
        slug: What stands for it in addresses, lower case with hyphens; by default made of the name.

    Raises:
        ClientError: The name is empty, or the slug is none or taken ("Uniqueness violation").
    """
    checked_name(name, "A tenant")
    slug = _checked_slug(slugified(name) if slug is None else slug)
    try:
        return str(store.documents("tenants").create(slug, _fields(name))["id"])
    except Conflict:
        raise _taken(slug) from None


def rename_tenant(store: Store, id: str, name: str) -> str:
    """Give a tenant another name and return its id.

    Raises:
        ClientError: The name is empty.
        ObjectNotFoundError: There is no such tenant ("Update failed").
    """
    return _updated(store, id, {"title": checked_name(name, "A tenant")})


def set_tenant_slug(store: Store, id: str, slug: str) -> str:
    """Give a tenant another slug and return its id.

    Raises:
        ClientError: The slug is none or taken ("Uniqueness violation").
        ObjectNotFoundError: There is no such tenant ("Update failed").
    """
    return _updated(store, id, {}, slug=_checked_slug(slug))


def update_tenant_settings(store: Store, id: str, settings: Mapping[str, Any]) -> str:
    """Merge settings into those of a tenant and return its id.

    Raises:
        ObjectNotFoundError: There is no such tenant ("Update failed").
    """
    return _updated(store, id, lambda tenant: {"settings": {**tenant["settings"], **settings}})


def slugified(name: str) -> str:
    """Return a text in lower case, with single hyphens for all that is neither a letter nor a digit."""
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-")


def _updated(
    store: Store,
    id: str,
    change: Mapping[str, Any] | Callable[[Record], Mapping[str, Any]],
    slug: str | None = None,
) -> str:
    try:
        store.documents("tenants").update(id, change, name=slug)
    except Conflict:
        raise _taken(str(slug)) from None
    except NotFound:
        raise ObjectNotFoundError(
            f"Update failed: there is no tenant with the id {id!r}. Look up the id of the tenant you mean."
        ) from None
    return id


def _checked_slug(slug: str) -> str:
    if not slug or slugified(slug) != slug:
        suggestion = f" Write it {slugified(slug)!r}." if slugified(slug) else " Use letters, digits and hyphens."
        raise ClientError(f'Slug must be "slugified" (lowercase; no spaces), and {slug!r} is not.{suggestion}')
    return slug


def _taken(slug: str) -> ClientError:
    return ClientError(f"Uniqueness violation: a tenant has the slug {slug!r} already. Choose another slug.")


def _fields(name: str) -> Record:
    return {"title": name, "info": {}, "settings": {}}


def _shown(document: Record) -> Record:
    """Return a tenant as the API knows it: its document is named by what is unique, the slug."""
    tenant = {key: value for key, value in document.items() if key != "title"}
    return {**tenant, "name": document["title"], "slug": document["name"]}
