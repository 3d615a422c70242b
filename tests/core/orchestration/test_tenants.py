"""Tenants (backend.md §3)."""

from __future__ import annotations

import pytest

from prefect.exceptions import ClientError, ObjectNotFoundError
from prefect.orchestration.tenants import (
    create_tenant,
    default_tenant,
    rename_tenant,
    set_tenant_slug,
    tenants,
    update_tenant_settings,
)

UNKNOWN = "a2a7a8a8-0d39-4e53-9d85-79a44a000000"


def test_an_installation_begins_with_one_tenant(store):
    tenant = default_tenant(store)

    assert (tenant["name"], tenant["slug"], tenant["info"], tenant["settings"]) == ("default", "default", {}, {})
    assert default_tenant(store) == tenant
    assert tenants(store) == [tenant]


def test_the_first_tenant_is_the_one_that_counts(store):
    create_tenant(store, "Zoo")
    create_tenant(store, "Ant")

    assert [tenant["slug"] for tenant in tenants(store)] == ["ant", "zoo"]
    assert default_tenant(store)["name"] == "Ant"


def test_a_slug_is_made_of_the_name(store):
    create_tenant(store, "My Company, Ltd.")

    assert tenants(store)[0]["slug"] == "my-company-ltd"
    assert tenants(store)[0]["name"] == "My Company, Ltd."


def test_a_slug_may_be_chosen(store):
    create_tenant(store, "My Company", "mc")

    assert tenants(store)[0]["slug"] == "mc"


def test_a_slug_must_be_one(store):
    with pytest.raises(ClientError) as caught:
        create_tenant(store, "x", "My Company")

    assert str(caught.value) == (
        "Slug must be \"slugified\" (lowercase; no spaces), and 'My Company' is not. Write it 'my-company'."
    )


def test_a_name_of_which_no_slug_can_be_made_is_refused(store):
    with pytest.raises(ClientError) as caught:
        create_tenant(store, "/..")

    assert str(caught.value) == (
        "Slug must be \"slugified\" (lowercase; no spaces), and '' is not. Use letters, digits and hyphens."
    )


def test_a_slug_is_taken_once(store):
    create_tenant(store, "x", "mc")

    with pytest.raises(ClientError, match="Uniqueness violation: a tenant has the slug 'mc' already"):
        create_tenant(store, "y", "mc")


def test_a_tenant_is_renamed(store):
    id = create_tenant(store, "old")

    assert rename_tenant(store, id, "New") == id

    assert [(tenant["name"], tenant["slug"]) for tenant in tenants(store)] == [("New", "old")]


def test_a_tenant_gets_another_slug(store):
    id = create_tenant(store, "Name", "old")

    assert set_tenant_slug(store, id, "new") == id

    assert [(tenant["name"], tenant["slug"]) for tenant in tenants(store)] == [("Name", "new")]


def test_settings_are_merged(store):
    id = create_tenant(store, "x")
    update_tenant_settings(store, id, {"a": 1, "b": 1})

    update_tenant_settings(store, id, {"b": 2, "c": 2})

    assert tenants(store)[0]["settings"] == {"a": 1, "b": 2, "c": 2}


def test_an_unknown_tenant_cannot_be_changed(store):
    with pytest.raises(ObjectNotFoundError, match=f"Update failed: there is no tenant with the id '{UNKNOWN}'"):
        rename_tenant(store, UNKNOWN, "x")
