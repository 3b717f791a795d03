"""What leaves the house, against real servers on this machine and a resolver that lies where a case needs it."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.utils import translation
from pytest_django import Settings

from channels_adapters import http
from channels_adapters.http import AnswerTooLarge, FetchFailed, FetchRefused, fetch
from tests.channels_adapters.loopback import Loopback, certificate, http_server, raw_server

Talk = Callable[[socket.socket, threading.Event], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(autouse=True)
def english(settings: Settings) -> Iterator[None]:
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


class Names:
    """A resolver: names and what they resolve to at each question; an address is itself."""

    def __init__(self) -> None:
        self.book: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        answers = self.book.get(host)
        if answers is None:
            return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    names = Names()
    monkeypatch.setattr(http, "resolve", names)
    return names


@pytest.fixture
def server(names: Names) -> Iterator[Loopback]:
    with http_server() as loopback:
        loopback.replies["/"] = (200, {"X-Town": "Montefiore"}, b"good morning")
        yield loopback


@pytest.fixture
def inside(settings: Settings) -> None:
    """The administrator allowed three hosts inside the network."""
    settings.PRIVATE_HOSTS_ALLOWED = ["127.0.0.1", "program.comune.example", "other.comune.example"]


# --- private addresses ------------------------------------------------------------------------------------------

PRIVATE = {
    "this machine": "127.0.0.1",
    "this machine, another of its names": "127.8.9.1",
    "this machine in IPv6": "::1",
    "unspecified": "0.0.0.0",
    "unspecified in IPv6": "::",
    "private 10": "10.0.0.8",
    "private 172": "172.16.31.4",
    "private 192": "192.168.1.1",
    "cloud metadata": "169.254.169.254",
    "link-local in IPv6": "fe80::1",
    "link-local with a zone": "fe80::1%1",
    "carrier-grade NAT": "100.64.0.1",
    "multicast": "224.0.0.1",
    "multicast in IPv6": "ff02::1",
    "global multicast in IPv6": "ff0e::1",
    "broadcast": "255.255.255.255",
    "reserved": "240.0.0.1",
    "documentation": "192.0.2.1",
    "benchmarking": "198.18.0.1",
    "unique local": "fd00::8",
    "site local": "fec0::1",
    "mapped IPv4": "::ffff:127.0.0.1",
    "mapped public IPv4": "::ffff:8.8.8.8",
    "compatible IPv4": "::127.0.0.1",
    "6to4 around a private address": "2002:7f00:1::1",
    "6to4 relay": "192.88.99.1",
    "Teredo": "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "NAT64 around a private address": "64:ff9b::7f00:1",
    "not an address": "intranet",
}


@pytest.mark.parametrize("address", PRIVATE.values(), ids=PRIVATE)
def test_a_name_that_leads_inside_is_refused_and_nothing_is_sent(names: Names, address: str) -> None:
    names.book["evil.example"] = [[address]]
    with pytest.raises(FetchRefused, match="private network"):
        fetch("GET", "https://evil.example/")


@pytest.mark.parametrize("address", ["8.8.8.8", "151.1.2.3", "2a00:1450:4002:410::2003"])
def test_the_open_internet_is_public(address: str) -> None:
    assert http.is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:7f00:1]"]
)
def test_spellings_of_this_machine_are_seen_through(names: Names, host: str) -> None:
    with pytest.raises(FetchRefused, match="private network"):
        fetch("GET", f"https://{host}/latest/meta-data")


def test_a_name_with_one_public_and_one_private_address_is_refused(names: Names) -> None:
    names.book["both.example"] = [["8.8.8.8", "10.0.0.8"]]
    with pytest.raises(FetchRefused, match="private network"):
        fetch("GET", "https://both.example/")


def test_the_name_is_asked_once_so_a_second_answer_changes_nothing(
    server: Loopback, names: Names, inside: None
) -> None:
    names.book["program.comune.example"] = [["127.0.0.1"], ["10.255.255.1"]]
    answer = fetch("GET", server.url(host="program.comune.example"), allow_private=True)
    assert (answer.status, answer.body) == (200, b"good morning")
    assert names.asked == ["program.comune.example"]
    assert server.seen[0].headers["host"] == f"program.comune.example:{server.port}"


def test_a_private_host_needs_both_the_installation_and_the_caller(server: Loopback, settings: Settings) -> None:
    with pytest.raises(FetchRefused, match="encrypted"):
        fetch("GET", server.url(), allow_private=True)
    settings.PRIVATE_HOSTS_ALLOWED = ["127.0.0.1"]
    with pytest.raises(FetchRefused, match="encrypted"):
        fetch("GET", server.url())
    assert fetch("GET", server.url(), allow_private=True).status == 200
    assert len(server.seen) == 1


def test_a_private_host_may_be_allowed_on_one_port_only(server: Loopback, settings: Settings) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{server.port + 1}"]
    with pytest.raises(FetchRefused):
        fetch("GET", server.url(), allow_private=True)
    settings.PRIVATE_HOSTS_ALLOWED = [f"127.0.0.1:{server.port}"]
    assert fetch("GET", server.url(), allow_private=True).status == 200


def test_unencrypted_is_for_allowed_private_hosts_only(names: Names) -> None:
    names.book["public.example"] = [["8.8.8.8"]]
    with pytest.raises(FetchRefused, match="https"):
        fetch("GET", "http://public.example/")
    assert names.asked == []


# --- addresses that are none ------------------------------------------------------------------------------------

UNREADABLE = [
    "", "ftp://town.example/", "file:///etc/passwd", "gopher://town.example/", "//town.example/", "town.example",
    "https://", "https:///path", "https://town.example:99999/", "https://town.example:x/", "https://[::1/",
    "https://town.example\\@evil.example/", "https://town.example/\r\nX: 1", "https://town .example/",
    "https://town.example/\0", "https://" + "a" * 64 + ".example/", "https://town.example/" + "a" * 5000,
    "https://[fe80::1%25eth0]/", "javascript:alert(1)",
]  # fmt: skip


@pytest.mark.parametrize("url", UNREADABLE)
def test_what_is_no_web_address_is_refused_in_a_sentence(names: Names, url: str) -> None:
    with pytest.raises(FetchRefused, match="not a web address"):
        fetch("GET", url)
    assert names.asked == []


@pytest.mark.parametrize("url", ["https://anna:secret@town.example/", "https://@town.example/"])
def test_a_password_in_the_address_is_refused(names: Names, url: str) -> None:
    with pytest.raises(FetchRefused, match="user name or password") as refusal:
        fetch("GET", url)
    assert "secret" not in refusal.value.reason


def test_letters_of_any_alphabet_are_sent_quoted(server: Loopback, inside: None) -> None:
    server.replies["/caff%C3%A8"] = (200, {}, b"ok")
    assert fetch("GET", server.url("/caffè?città=Forlì%20"), allow_private=True).status == 200
    assert server.seen[0].path == "/caff%C3%A8?citt%C3%A0=Forl%C3%AC%20"


def test_a_line_break_in_a_header_is_refused(server: Loopback, inside: None) -> None:
    with pytest.raises(FetchRefused, match="header"):
        fetch("GET", server.url(), headers={"X-Key": "a\r\nHost: evil.example"}, allow_private=True)
    assert server.seen == []


# --- the allow-list and credentials ---------------------------------------------------------------------------


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


# --- redirects -------------------------------------------------------------------------------------------------


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
    first, second = (_tls_server(tmp_path, name, monkeypatch) for name in ("one.example", "two.example"))
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
    with _tls_server(tmp_path, "one.example", monkeypatch) as one:
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


# --- caps ---------------------------------------------------------------------------------------------------------


def test_an_answer_that_announces_too_much_is_not_read(server: Loopback, inside: None) -> None:
    server.replies["/big"] = (200, {}, b"x" * 2000)
    with pytest.raises(AnswerTooLarge) as refusal:
        fetch("GET", server.url("/big"), max_bytes=1999, allow_private=True)
    assert refusal.value.status == 200
    assert len(fetch("GET", server.url("/big"), max_bytes=2000, allow_private=True).body) == 2000


def test_an_answer_without_a_length_is_cut_off_while_it_streams(names: Names, inside: None) -> None:
    sent = 0

    def flood(connection: socket.socket, over: threading.Event) -> None:
        nonlocal sent
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not over.is_set() and sent < 400_000_000:
            sent += connection.send(b"x" * 65536)

    with raw_server(flood) as port, pytest.raises(AnswerTooLarge):
        fetch("GET", f"http://127.0.0.1:{port}/", max_bytes=100_000, allow_private=True)
    assert sent < 50_000_000


def test_a_packed_bomb_stops_at_the_cap(server: Loopback, inside: None) -> None:
    server.replies["/bomb"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"\0" * 50_000_000))
    with pytest.raises(AnswerTooLarge):
        fetch("GET", server.url("/bomb"), max_bytes=1_000_000, allow_private=True)


def test_a_packed_answer_is_unpacked_although_we_never_ask_for_one(server: Loopback, inside: None) -> None:
    server.replies["/gz"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"buongiorno"))
    assert fetch("GET", server.url("/gz"), allow_private=True).body == b"buongiorno"
    assert server.seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "encoding, body",
    [("br", b"x"), ("gzip, gzip", b"x"), ("gzip", b"not packed"), ("gzip", gzip.compress(b"cut", mtime=0)[:-6])],
)
def test_a_packed_answer_we_cannot_unpack_is_refused(
    server: Loopback, inside: None, encoding: str, body: bytes
) -> None:
    server.replies["/odd"] = (200, {"Content-Encoding": encoding}, body)
    with pytest.raises(FetchRefused):
        fetch("GET", server.url("/odd"), allow_private=True)


def _drip(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(4096)
    for byte in OK * 100:
        connection.send(bytes([byte]))
        if over.wait(0.02):
            return


def test_a_server_that_drips_is_left_at_the_deadline(names: Names, inside: None) -> None:
    began = time.perf_counter()
    with raw_server(lambda connection, over: _drip(connection, over)) as port:
        with pytest.raises(FetchFailed, match="in time") as failure:
            fetch("GET", f"http://127.0.0.1:{port}/", timeout=0.3, allow_private=True)
        assert time.perf_counter() - began < 3
    assert failure.value.ambiguous


def test_a_resolver_that_hangs_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(http, "resolve", lambda host, port: [] if over.wait(30) else [])
    with pytest.raises(FetchFailed, match="name could not be found") as failure:
        fetch("GET", "https://slow.example/", timeout=0.1)
    over.set()
    assert not failure.value.ambiguous


# --- what may have arrived ---------------------------------------------------------------------------------------


def test_a_closed_port_means_certainly_not_sent(names: Names, inside: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FetchFailed, match="No connection") as failure:
        fetch("POST", f"http://127.0.0.1:{port}/", body=b"words", allow_private=True)
    assert not failure.value.ambiguous


def test_an_unknown_name_means_certainly_not_sent(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FetchFailed) as failure:
        fetch("POST", "https://nowhere.example/", body=b"words")
    assert not failure.value.ambiguous


def _hang_up(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)


def _say_nothing(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    over.wait(10)


def _stop_halfway(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf")


def _talk_nonsense(connection: socket.socket, over: threading.Event) -> None:
    connection.recv(65536)
    connection.sendall(b"\x00\x01\x02 not http\r\n\r\n")


@pytest.mark.parametrize("talk", [_hang_up, _say_nothing, _stop_halfway, _talk_nonsense])
def test_sent_without_a_whole_answer_is_ambiguous(names: Names, inside: None, talk: Talk) -> None:
    with raw_server(talk) as port, pytest.raises(FetchFailed) as failure:
        fetch("POST", f"http://127.0.0.1:{port}/", body=b"words", timeout=0.5, allow_private=True)
    assert failure.value.ambiguous


def test_endless_headers_end(names: Names, inside: None) -> None:
    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _n in range(20_000):
            connection.sendall(b"X-Filler: " + b"y" * 1000 + b"\r\n")

    with raw_server(talk) as port, pytest.raises(FetchFailed):
        fetch("GET", f"http://127.0.0.1:{port}/", timeout=10, allow_private=True)


def test_a_second_address_is_tried_when_the_first_is_dead(server: Loopback, names: Names, inside: None) -> None:
    names.book["program.comune.example"] = [["::1", "127.0.0.1"]]
    assert fetch("GET", server.url(host="program.comune.example"), allow_private=True).status == 200


# --- certificates ------------------------------------------------------------------------------------------------


def _tls_server(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[Loopback]:
    file = certificate(folder, name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    trust = ssl.create_default_context()
    for known in folder.glob("*.pem"):
        trust.load_verify_locations(known)
    monkeypatch.setattr(http, "tls", lambda: trust)
    return http_server(context)


def test_the_certificate_must_be_that_of_the_name_not_of_the_pinned_address(
    tmp_path: Path, names: Names, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = ["town.example", "impostor.example"]
    names.book.update({"town.example": [["127.0.0.1"]], "impostor.example": [["127.0.0.1"]]})
    with _tls_server(tmp_path, "town.example", monkeypatch) as server:
        server.replies["/"] = (200, {}, b"sealed")
        answer = fetch("GET", server.url(host="town.example", scheme="https"), allow_private=True)
        assert answer.body == b"sealed"
        with pytest.raises(FetchFailed, match="certificate") as failure:
            fetch("POST", server.url(host="impostor.example", scheme="https"), body=b"words", allow_private=True)
    assert not failure.value.ambiguous
    assert len(server.seen) == 1


def test_a_certificate_nobody_vouches_for_is_refused(
    tmp_path: Path, names: Names, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PRIVATE_HOSTS_ALLOWED = ["town.example"]
    names.book["town.example"] = [["127.0.0.1"]]
    with _tls_server(tmp_path, "town.example", monkeypatch) as server:
        monkeypatch.setattr(http, "tls", ssl.create_default_context)
        with pytest.raises(FetchFailed, match="certificate"):
            fetch("GET", server.url(host="town.example", scheme="https"), allow_private=True)


# --- the environment, and signatures ------------------------------------------------------------------------------


def test_no_proxy_comes_from_the_environment(server: Loopback, inside: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert fetch("GET", server.url(), allow_private=True).status == 200


def test_what_is_sent_is_what_was_asked_and_no_more(server: Loopback, inside: None) -> None:
    server.replies["/post"] = (201, {}, b"made")
    answer = fetch("POST", server.url("/post?a=1"), body=b'{"a": 1}', headers={"Content-Type": "application/json"},
                   allow_private=True)  # fmt: skip
    assert (answer.status, answer.body) == (201, b"made")
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.body) == ("POST", "/post?a=1", b'{"a": 1}')
    assert set(seen.headers) == {
        "user-agent", "accept", "content-type", "host", "accept-encoding", "connection", "content-length",
    }  # fmt: skip


def test_our_signature_is_the_documented_one() -> None:
    # printf '1700000000.{}' | openssl dgst -sha256 -hmac 'forty-two'
    expected = "b6eca0527797d982924b47196eb4951e45d466f5af594b1bfad313c85a1540b6"
    headers = http.signed_headers("forty-two", b"{}", timestamp="1700000000")
    assert headers == {"Sportello-Timestamp": "1700000000", "Sportello-Signature": f"v1={expected}"}
