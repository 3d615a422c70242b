"""A flow that is sent to and fetched from a web service: core.md §16.4."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys

import cloudpickle
import pytest
from web_service import web_service

import prefect
from prefect import Flow, Task
from prefect.exceptions import FlowStorageError
from prefect.serialization import deserialize_storage
from prefect.storage import Webhook

SCRIPT = b"""
from prefect import Flow
f = Flow("f")
g = Flow("costs $5 for ${NOBODY}")
"""


@pytest.fixture
def service():
    with web_service() as service:
        yield service


@pytest.fixture
def hook(service):
    """Makes a storage that keeps a flow at ``/flow`` of the service."""

    def make(build=None, get=None, methods=("POST", "GET"), **more):
        address = {"url": f"{service.address}/flow"}
        return Webhook({**address, **(build or {})}, methods[0], {**address, **(get or {})}, methods[1], **more)

    return make


def sent(storage, flow=None):
    """The storage after a flow was stored in it."""
    storage.add_flow(flow or Flow("f"))
    assert storage.build() is storage
    return storage


# ---- what it is ------------------------------------------------------------------------------------------------------


def webhook(**more):
    url = {"url": "https://example.com"}
    return Webhook(url, "POST", url, "GET", **more)


def test_the_location_of_a_flow_is_its_name():
    assert webhook().add_flow(Flow("My Flow!")) == "My Flow!"


@pytest.mark.parametrize("methods", [("DELETE", "GET"), ("POST", "get")])
def test_a_web_service_knows_four_methods(methods):
    unknown = next(method for method in methods if method not in ("POST", "GET"))

    with pytest.raises(RuntimeError) as caught:
        Webhook({}, methods[0], {}, methods[1])

    assert str(caught.value) == f"HTTP method {unknown!r} not recognized. Use one of GET, PATCH, POST, PUT."


def test_a_web_service_keeps_the_last_flow():
    storage = webhook()
    storage.add_flow(Flow("f"))
    storage.add_flow(Flow("g"))

    assert storage.flows == {"g": "g"}


def test_the_source_of_a_web_service_is_the_script_it_is_given():
    assert webhook(stored_as_script=True, flow_script_path="mine.py").source_file == os.path.abspath("mine.py")
    assert webhook().source_file is None


def test_the_script_is_the_file_that_is_being_loaded_unless_another_is_given():
    with prefect.context(local_script_path="/srv/loaded.py"):
        assert webhook(stored_as_script=True).flow_script_path == "/srv/loaded.py"
        assert webhook(flow_script_path="mine.py").flow_script_path == "mine.py"


# ---- storing and fetching --------------------------------------------------------------------------------------------


def test_a_flow_is_sent_as_a_pickle_and_comes_back(hook, service):
    flow = Flow("f", tasks=[Task("a")])

    storage = sent(hook(), flow)

    assert [(request.method, request.path) for request in service.requests] == [("POST", "/flow")]
    assert json.loads(service.kept["/flow"]).keys() == {"flow", "versions"}
    assert [task.name for task in storage.get_flow("f").tasks] == ["a"]
    assert service.requests[-1][:2] == ("GET", "/flow")


def test_the_methods_are_those_that_were_chosen(hook, service):
    storage = sent(hook(methods=("PUT", "POST"), get={"url": f"{service.address}/kept", "json": {"want": "flow"}}))
    service.kept["/kept"] = service.kept["/flow"]

    with pytest.raises(FlowStorageError):  # the service keeps what it is sent and answers no flow
        storage.get_flow("f")

    assert [(request.method, request.path) for request in service.requests] == [("PUT", "/flow"), ("POST", "/kept")]
    assert json.loads(service.requests[-1].body) == {"want": "flow"}


def test_a_storage_that_came_through_json_fetches_the_flow(hook, service):
    service.token = "Basic dXNlcjpzM2NyZXQ="  # user:s3cret
    access = {"auth": ("user", "${TOKEN}"), "timeout": (3, 4)}

    with prefect.context(secrets={"TOKEN": "s3cret"}):
        storage = deserialize_storage(json.loads(json.dumps(sent(hook(access, access)).serialize())))

        assert storage.get_flow("f") == Flow("f")


def test_what_is_told_of_the_sending_is_logged(hook, caplog):
    with caplog.at_level(logging.INFO, "prefect"):
        sent(hook())

    assert [record.getMessage() for record in caplog.records] == [
        "Uploading flow 'f'",
        "Successfully uploaded flow 'f'",
    ]


def test_nothing_is_sent_where_no_flow_was_added(hook, service):
    hook().build()

    assert service.requests == []


def test_data_of_the_users_own_is_replaced_with_a_warning(hook, service, caplog):
    sent(hook({"data": "mine"}))

    assert b"versions" in service.kept["/flow"]
    assert "The flow is sent instead of the `data` in `build_request_kwargs`. Leave that out." in caplog.messages


def test_a_bare_pickle_of_the_service_is_read(hook, service):
    service.kept["/flow"] = cloudpickle.dumps(Flow("f"))
    storage = hook()
    storage.add_flow(Flow("f"))

    assert storage.get_flow("f") == Flow("f")


def test_a_flow_that_was_not_added_is_not_asked_for(hook, service):
    with pytest.raises(ValueError, match=r"^Flow 'f' is not contained in <Storage: Webhook>\. Found flows: none\.$"):
        hook().get_flow("f")

    assert service.requests == []


def test_an_answer_that_is_no_flow_is_said(hook, service):
    service.kept["/flow"] = b"<html>"
    storage = hook()
    storage.add_flow(Flow("f"))

    with pytest.raises(FlowStorageError) as caught:
        storage.get_flow("f")

    assert str(caught.value) == (
        "The stored flow cannot be unpickled: UnpicklingError(\"invalid load key, '<'.\")."
        f" Store the flow again from the file that defines it. It was answered by {service.address}/flow."
    )


# ---- scripts ---------------------------------------------------------------------------------------------------------


def test_a_script_is_sent_as_it_is_and_executed(hook, service, tmp_path):
    path = tmp_path / "mine.py"
    path.write_bytes(SCRIPT)

    storage = sent(hook(stored_as_script=True, flow_script_path=str(path)))

    assert service.kept["/flow"] == SCRIPT
    assert storage.get_flow("f") == Flow("f")


def test_of_a_script_only_the_flow_of_the_name_is_taken(hook, service):
    service.kept["/flow"] = SCRIPT
    storage = hook(stored_as_script=True)
    storage.add_flow(Flow("h"))

    with pytest.raises(ValueError) as caught:
        storage.get_flow("h")

    assert str(caught.value) == (
        f"Flow 'h' not found in {service.address}/flow. Found flows: 'f', 'costs $5 for ${{NOBODY}}'."
    )


def test_an_answer_that_is_no_script_names_its_address(hook, service):
    service.kept["/flow"] = b"<html>"
    storage = hook(stored_as_script=True)
    storage.add_flow(Flow("f"))

    with pytest.raises(SyntaxError) as caught:
        storage.get_flow("f")

    assert caught.value.filename == f"{service.address}/flow"


def test_a_script_that_is_not_known_is_refused(hook):
    with pytest.raises(RuntimeError) as caught:
        sent(hook(stored_as_script=True))

    assert str(caught.value) == (
        "The script of the Webhook storage is not known: flow_script_path must be provided if stored_as_script=True."
    )


def test_a_script_that_does_not_exist_is_refused(hook, tmp_path):
    with pytest.raises(RuntimeError) as caught:
        sent(hook(stored_as_script=True, flow_script_path=str(tmp_path / "missing.py")))

    assert str(caught.value) == (
        f"The file '{tmp_path}/missing.py' passed to flow_script_path cannot be read: No such file or directory."
    )


# ---- names in requests -----------------------------------------------------------------------------------------------


def test_names_in_texts_stand_for_variables_and_secrets(hook, service, monkeypatch):
    monkeypatch.setenv("PLACE", "here")
    request = {
        "url": f"{service.address}/${{PLACE}}/$PLACE",
        "headers": {"X-Key": "key $$5 ${KEY}"},
        "params": {"number": 3, "texts": ["${PLACE}", "${KEY}"]},
    }

    with prefect.context(secrets={"KEY": 7, "PLACE": "not asked for"}):
        sent(hook(request))

    assert service.requests[0].path == "/here/here?number=3&texts=here&texts=7"
    assert service.requests[0].headers["X-Key"] == "key $5 7"


def test_names_stay_names_in_the_document(hook, monkeypatch):
    monkeypatch.setenv("KEY", "value")

    storage = sent(hook({"headers": {"X-Key": "${KEY}"}}))

    assert storage.serialize()["build_request_kwargs"]["headers"] == {"X-Key": "${KEY}"}


def test_a_name_that_stands_for_nothing_is_refused(hook, service):
    with pytest.raises(RuntimeError) as caught:
        sent(hook({"headers": {"X-Key": "${NOBODY}"}}))

    assert str(caught.value) == (
        "Template value 'NOBODY' does not refer to an environment variable or Prefect secret."
        " Set the environment variable NOBODY or PREFECT__CONTEXT__SECRETS__NOBODY."
    )
    assert service.requests == []


def test_a_dollar_sign_that_names_nothing_is_refused(hook):
    with pytest.raises(ValueError) as caught:
        sent(hook({"params": {"price": "5 $"}}))

    assert str(caught.value) == "The text '5 $' has a dollar sign that names nothing. Write it as $$."


# ---- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "words"), [(404, "404 Not Found"), (500, "500 Internal Server Error")])
def test_an_answer_that_is_an_error_is_said_without_secrets(hook, service, monkeypatch, status, words):
    monkeypatch.setenv("KEY", "s3cret")
    service.status["/flow"] = status

    with pytest.raises(FlowStorageError) as caught:
        sent(hook({"url": f"{service.address}/flow?key=${{KEY}}"}))

    assert str(caught.value) == (
        f"Storing the flow 'f' failed: POST {service.address}/flow?key=${{KEY}} was answered with {words}."
        " Check the address and the access to it."
    )
    assert len(service.requests) == 1


def test_a_service_that_is_not_there_is_said_without_secrets(hook, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    monkeypatch.setenv("KEY", "s3cret")
    storage = hook(get={"url": f"{address}${{KEY}}"})
    storage.add_flow(Flow("f"))

    with pytest.raises(FlowStorageError) as caught:
        storage.get_flow("f")

    beginning = f"Fetching the flow 'f' failed: GET {address}${{KEY}} was answered with nothing ([Errno "
    assert str(caught.value).startswith(beginning)
    assert str(caught.value).endswith("] Connection refused). Check the address and the access to it.")


def test_a_request_without_an_address_is_refused():
    storage = Webhook({}, "POST", {}, "GET")
    storage.add_flow(Flow("f"))

    with pytest.raises(ValueError) as caught:
        storage.build()

    assert str(caught.value) == "Storing the flow 'f' has no address. Add the `url` to the arguments of the request."


def test_without_requests_the_extra_is_named(hook, monkeypatch):
    monkeypatch.setitem(sys.modules, "requests", None)

    with pytest.raises(ImportError) as caught:
        sent(hook())

    assert str(caught.value) == (
        "Storing the flow 'f' needs the package requests, which is not installed."
        ' Run: pip install "praefectus[webhook]"'
    )
