"""The one fetcher: only hosts that are listed, credentials only to their own, and redirects are judged again."""

from pathlib import Path

import pytest

from channels_adapters import http
from channels_adapters.http import FetchRefused, fetch
from tests.channels_adapters.http.conftest import Names, tls_server
from tests.channels_adapters.loopback import Loopback


def test_a_host_that_is_not_on_the_list_is_not_even_looked_up(names: Names) -> None:
    with pytest.raises(FetchRefused, match="doesn't use"):
        fetch("GET", "https://evil.example/", allowed_hosts={"api.provider.example"})
    assert names.asked == []


@pytest.mark.parametrize("host", ["provider.example.evil.example", "evilprovider.example", "provider.example."])
def test_a_listed_host_is_matched_wholly(names: Names, host: str) -> None:
    names.book[host.rstrip(".")] = [["10.0.0.1"]]
    wanted = "private network" if host.endswith(".") else "doesn't use"
    with pytest.raises(FetchRefused, match=wanted):
        fetch("GET", f"https://{host}/", allowed_hosts={"provider.example"})


def test_a_leading_dot_lists_the_subdomains(server: Loopback, names: Names, inside: None) -> None:
    names.book["program.comune.example"] = [["127.0.0.1"]]
    url = server.url(host="program.comune.example")
    assert fetch("GET", url, allowed_hosts={".comune.example"}, allow_private=True).status == 200
    with pytest.raises(FetchRefused):
        fetch("GET", url, allowed_hosts={".gram.comune.example"}, allow_private=True)


def test_credentials_go_to_their_own_host_only(server: Loopback, names: Names, inside: None) -> None:
    names.book["other.comune.example"] = [["127.0.0.1"]]
    keys = {f"127.0.0.1:{server.port}": {"Authorization": "Bearer forty-two"}}
    fetch("GET", server.url(), credentials_for=keys, allow_private=True)
    fetch("GET", server.url(host="other.comune.example"), credentials_for=keys, allow_private=True)
    assert [seen.headers.get("authorization") for seen in server.seen] == ["Bearer forty-two", None]


def test_credentials_for_a_host_are_not_for_its_other_ports(server: Loopback, inside: None) -> None:
    fetch("GET", server.url(), credentials_for={"127.0.0.1": {"Authorization": "Bearer 42"}}, allow_private=True)
    assert "authorization" not in server.seen[0].headers


def test_a_redirect_within_the_host_is_followed_with_its_credentials(server: Loopback, inside: None) -> None:
    server.replies["/old"] = (302, {"Location": "/"}, b"")
    keys = {f"127.0.0.1:{server.port}": {"Authorization": "Bearer 42"}}
    answer = fetch("GET", server.url("/old"), credentials_for=keys, headers={"X-Key": "1"}, allow_private=True)
    assert (answer.body, answer.url) == (b"good morning", server.url("/"))
    assert server.seen[1].headers["authorization"] == "Bearer 42"
    assert server.seen[1].headers["x-key"] == "1"


def test_a_redirect_to_another_host_is_judged_again_even_where_the_first_was_allowed_inside(
    server: Loopback, names: Names, inside: None
) -> None:
    names.book["program.comune.example"] = [["127.0.0.1"]]
    server.replies["/out"] = (302, {"Location": server.url(host="program.comune.example")}, b"")
    with pytest.raises(FetchRefused):
        fetch("GET", server.url("/out"), allow_private=True)
    assert [seen.path for seen in server.seen] == ["/out"]


@pytest.mark.parametrize("location", ["https://169.254.169.254/latest", "file:///etc/passwd", "https://evil.example/"])
def test_a_redirect_leads_nowhere_the_first_address_could_not(
    server: Loopback, inside: None, names: Names, location: str
) -> None:
    names.book["evil.example"] = [["8.8.8.8"]]
    server.replies["/out"] = (307, {"Location": location}, b"")
    with pytest.raises(FetchRefused):
        fetch("GET", server.url("/out"), allow_private=True, allowed_hosts={"127.0.0.1", "169.254.169.254"})


def test_headers_of_ours_stay_behind_when_the_host_changes(
    tmp_path: Path, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "is_public", lambda address: True)
    first, second = (tls_server(tmp_path, name, monkeypatch) for name in ("one.example", "two.example"))
    names.book.update({"one.example": [["127.0.0.1"]], "two.example": [["127.0.0.1"]]})
    with first as one, second as two:
        two.replies["/"] = (200, {}, b"moved")
        one.replies["/"] = (301, {"Location": two.url(host="two.example", scheme="https")}, b"")
        answer = fetch(
            "GET",
            one.url(host="one.example", scheme="https"),
            headers={"X-Key": "ours", "Accept": "image/png"},
            credentials_for={f"one.example:{one.port}": {"Authorization": "Bearer 42"}},
        )
    assert answer.body == b"moved"
    assert one.seen[0].headers["authorization"] == "Bearer 42"
    assert {"x-key", "authorization"} & set(two.seen[0].headers) == set()
    assert two.seen[0].headers["accept"] == "image/png"


def test_an_encrypted_address_may_not_redirect_to_plain(
    tmp_path: Path, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "is_public", lambda address: True)
    names.book["one.example"] = [["127.0.0.1"]]
    with tls_server(tmp_path, "one.example", monkeypatch) as one:
        one.replies["/"] = (301, {"Location": one.url(host="one.example")}, b"")
        with pytest.raises(FetchRefused, match="not encrypted"):
            fetch("GET", one.url(host="one.example", scheme="https"))


def test_three_redirects_are_followed_and_a_fourth_is_not(server: Loopback, inside: None) -> None:
    for step in range(4):
        server.replies[f"/{step}"] = (302, {"Location": f"/{step + 1}" if step < 3 else "/"}, b"")
    assert fetch("GET", server.url("/1"), allow_private=True).status == 200
    with pytest.raises(FetchRefused, match="three times"):
        fetch("GET", server.url("/0"), allow_private=True)


def test_a_post_is_never_sent_on_somewhere_else(server: Loopback, inside: None) -> None:
    server.replies["/old"] = (307, {"Location": "/"}, b"")
    assert fetch("POST", server.url("/old"), body=b"words", allow_private=True).status == 307
    assert [(seen.path, seen.body) for seen in server.seen] == [("/old", b"words")]
