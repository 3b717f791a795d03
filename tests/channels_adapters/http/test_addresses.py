"""The one fetcher: no private address, nothing that is no web address."""

import pytest
from pytest_django import Settings

from channels_adapters import http
from channels_adapters.http import FetchRefused, fetch
from tests.channels_adapters.http.conftest import Names
from tests.channels_adapters.loopback import Loopback

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
