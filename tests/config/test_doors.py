"""The front door, the login and the sockets' switchboard."""

import pytest
from asgiref.testing import ApplicationCommunicator
from django.test import Client

from config.asgi import application
from crm.models import User


def test_a_newcomer_to_a_demo_sees_the_town_first(client: Client, db: None) -> None:
    User.objects.create_user("anna", is_demo=True)
    assert client.get("/").headers["Location"] == "/demo/"


def test_an_office_comes_to_work(client: Client, db: None) -> None:
    assert client.get("/").headers["Location"] == "/desk/"


def test_who_is_logged_in_comes_to_work_even_in_a_demo(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("anna", is_demo=True))
    assert client.get("/").headers["Location"] == "/desk/"


def test_the_way_out_needs_a_form_of_ours(client: Client, db: None) -> None:
    assert client.get("/logout/").status_code == 405


@pytest.mark.parametrize("path", ["/ws/", "/ws/nowhere/", "/", "/ws/live/../x"])
async def test_a_socket_at_an_unknown_address_is_closed_without_a_fuss(path: str) -> None:
    socket = ApplicationCommunicator(application, {"type": "websocket", "path": path, "headers": []})
    await socket.send_input({"type": "websocket.connect"})
    assert await socket.receive_output() == {"type": "websocket.close", "code": 4404}


async def _answered(path: str) -> dict[str, str]:
    """The headers of a POST, as the whole application answers it."""
    scope = {
        "type": "http", "method": "POST", "path": path, "headers": [(b"host", b"127.0.0.1")], "query_string": b"",
        "client": ("127.0.0.1", 40000), "server": ("127.0.0.1", 8000), "scheme": "http", "http_version": "1.1",
    }  # fmt: skip
    web = ApplicationCommunicator(application, scope)
    await web.send_input({"type": "http.request", "body": b"{}"})
    start = await web.receive_output(10)
    assert (await web.receive_output(10))["type"] == "http.response.body"
    await web.wait()
    return {name.decode().lower(): value.decode() for name, value in start["headers"]}


@pytest.mark.django_db(transaction=True)
async def test_a_providers_door_has_no_cookie_and_no_language_and_is_guarded_all_the_same() -> None:
    headers = await _answered("/hooks/nessuno/")
    assert (headers["x-content-type-options"], headers["content-type"]) == ("nosniff", "text/plain; charset=utf-8")
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert not {"set-cookie", "vary", "content-language"} & set(headers)


@pytest.mark.django_db(transaction=True)
async def test_a_page_keeps_its_policy_and_its_language() -> None:
    headers = await _answered("/chat/nessuno/session/")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["content-language"] == "it"
