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
