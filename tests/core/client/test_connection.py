"""Which backend, which tenant, which addresses. Source: backend.md §19, §19.3; DESIGN decision 1."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from prefect import Client
from prefect.exceptions import ClientError
from prefect.utilities.configuration import set_temporary_config

OTHER_ID = "11111111-1111-1111-1111-111111111111"


def test_a_client_of_a_server_can_be_made_but_not_used():
    with set_temporary_config({"backend": "server"}), pytest.raises(ClientError) as caught:
        Client().create_project("demo")

    assert str(caught.value) == (
        "The backend is 'server', and this version talks to the local store only."
        " Run 'prefect backend local', or set PREFECT__BACKEND=local."
    )


def test_an_address_asks_for_a_server_whatever_is_configured(backend):
    with pytest.raises(ClientError, match=r"^The backend is the server at http://localhost:4200, and this version"):
        Client(api_server="http://localhost:4200").create_project("demo")


@pytest.mark.parametrize("method", ["get", "post"])
def test_there_is_no_http_api(backend, method):
    with pytest.raises(ClientError, match=r"^This version has no HTTP API\. Use the methods of the client"):
        getattr(Client(), method)("/graphql", params={"x": 1})


def test_there_is_no_graphql_api(backend):
    with pytest.raises(ClientError, match=r"^This version has no GraphQL API\. Use the methods of the client, "):
        Client().graphql({"query": {"flow": {"id"}}})


def test_the_first_tenant_is_created_when_it_is_asked_for(backend):
    client = Client()

    tenants = client.get_available_tenants()
    tenant_id = client.tenant_id

    assert tenants == []
    assert client.get_available_tenants() == [{"id": tenant_id, "slug": "default", "name": "default"}]


def test_a_tenant_is_named_by_a_uuid():
    with pytest.raises(ValueError, match=r"^The `tenant_id` must be a valid UUID\. Got 'bad'\.$"):
        Client(tenant_id="bad")


def test_tenants_are_listed_by_slug(backend):
    client = Client()
    client.create_tenant("Zoo")
    client.create_tenant("A team")

    assert [tenant["slug"] for tenant in client.get_available_tenants()] == ["a-team", "zoo"]


def test_the_slug_of_an_unknown_tenant_is_an_error(backend):
    with pytest.raises(ValueError, match=f"^There is no tenant '{OTHER_ID}'"):
        Client(tenant_id=OTHER_ID).get_default_tenant_slug()


def test_a_tenant_is_chosen_by_slug_or_id(backend):
    client = Client()
    first, second = client.create_tenant("One"), client.create_tenant("Two")

    assert client.switch_tenant(tenant_slug="two") == second == client.tenant_id
    assert client.switch_tenant(tenant_id=first) == first == client.tenant_id


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, r"^A `tenant_id` or `tenant_slug` must be provided\.$"),
        ({"tenant_slug": "a", "tenant_id": OTHER_ID}, r"^Only one of "),
        ({"tenant_slug": "nope"}, r"^No tenant found with slug 'nope'\. "),
        ({"tenant_id": OTHER_ID}, rf"^No tenant found with id '{OTHER_ID}'\. "),
    ],
)
def test_a_tenant_that_cannot_be_chosen_is_an_error(backend, arguments, message):
    with pytest.raises(ValueError, match=message):
        Client().switch_tenant(**arguments)


def test_what_was_saved_is_there_for_the_next_client(backend):
    client = Client()
    client.create_tenant("One")
    client.switch_tenant(tenant_id=client.create_tenant("Two"))
    client.save_auth_to_disk()

    assert Client().load_auth_from_disk() == {"tenant_id": client.tenant_id}
    assert Client().get_default_tenant_slug() == "two"


def test_each_server_has_its_own_section_that_only_the_owner_reads(backend, tmp_path):
    Client(api_server="https://api.prefect.io", api_key="secret").save_auth_to_disk()
    Client(api_server="http://Box:4200/graphql", tenant_id=OTHER_ID).save_auth_to_disk()

    path = tmp_path / "home" / "auth.toml"
    assert path.read_text().splitlines() == [
        "# Written by prefect.",
        "",
        '["api.prefect.io"]',
        'api_key = "secret"',
        "",
        '["box-4200"]',
        f'tenant_id = "{OTHER_ID}"',
    ]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert Client(api_server="https://api.prefect.io").load_auth_from_disk() == {"api_key": "secret"}


def test_an_address_has_the_tenant_and_what_is_shown(backend):
    assert Client().get_cloud_url("flow-run", "an-id") == "http://localhost:8080/default/flow-run/an-id"


def test_making_a_client_imports_nothing_slow(tmp_path):
    code = (
        "import sys\n"
        "from prefect import Client\n"
        "Client()\n"
        "slow = 'pendulum cloudpickle rich click asyncio subprocess multiprocessing inspect prefect.engine.state'\n"
        "slow += ' prefect.storage.state.store'\n"
        "print([name for name in slow.split() if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)

    assert (done.stdout, done.stderr) == ("[]\n", "")
