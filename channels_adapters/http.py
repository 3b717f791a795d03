"""The one way out. Whatever the product fetches or posts over HTTP goes through `fetch`, so that a forged address
reaches nothing inside the network and takes no credential along.

How: the name is resolved once and every address it has is judged; the connection goes to the judged address, while
the certificate, SNI and Host stay those of the name (a second DNS answer changes nothing). No proxies, cookies or
credentials come from the environment. Redirects are followed for GET and HEAD only, each judged like the first address.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import queue
import socket
import ssl
import threading
import time
import typing
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote, urljoin, urlsplit

import httpcore
from django.conf import settings
from django.utils.translation import gettext as _

MAX_REDIRECTS = 3
MAX_ADDRESSES = 4  # tried in turn when a name has several
CONNECT_TIMEOUT = 10.0  # seconds for one address, within the whole
WRITE_PIECE = 64 * 1024
REDIRECTED = {301, 302, 303, 307, 308}
# The only headers of a caller that follow a redirect to another host.
HARMLESS_HEADERS = {"accept", "accept-language", "user-agent"}
URL_CHARACTERS = "%/:?#[]@!$&'()*+,;=~"
GZIP_OR_ZLIB = 47  # zlib's name for "either header"


class FetchRefused(Exception):
    """We don't do that, and no retry helps. `reason` is a sentence without secrets."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AnswerTooLarge(FetchRefused):
    """The other side answered with `status`, but with more than we read."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


class FetchFailed(Exception):
    """It didn't work this time. `ambiguous`: some of the request had left, so it may have been taken all the same."""

    def __init__(self, reason: str, *, ambiguous: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.ambiguous = ambiguous


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]  # names in lower case; of a repeated one, the last
    body: bytes
    url: str  # where it came from, after redirects


@dataclass(frozen=True)
class _Target:
    url: str
    scheme: str
    host: str  # lower case, ASCII, without brackets
    port: int
    path: str

    @property
    def authority(self) -> str:
        """As a Host header says it: the port only where it isn't the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _default_port(self.scheme) else f"{host}:{self.port}"

    def named_in(self, names: Collection[str]) -> bool:
        """Whether the host ("host" = every port, "host:port" = that one, ".host" = its subdomains) is in a list."""
        wanted = {name.lower() for name in names}
        parents = {"." + self.host.split(".", n)[-1] for n in range(1, self.host.count(".") + 1)}
        return bool(wanted & ({self.host, f"{self.host}:{self.port}", f"[{self.host}]:{self.port}"} | parents))


@dataclass(frozen=True)
class _Rules:
    allowed_hosts: Collection[str] | None
    credentials_for: Mapping[str, Mapping[str, str]]
    private_hosts: Collection[str]
    max_bytes: int
    deadline: float  # on the monotonic clock


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Hex HMAC-SHA256 of "timestamp.body": how our own webhooks are signed, in and out."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def signed_headers(secret: str, body: bytes, *, timestamp: str = "") -> dict[str, str]:
    """The two headers that prove a request of ours. `timestamp` is in Unix seconds; "" = now."""
    timestamp = timestamp or str(int(time.time()))
    return {"Sportello-Timestamp": timestamp, "Sportello-Signature": "v1=" + sign(secret, timestamp, body)}


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    allowed_hosts: Collection[str] | None = None,
    credentials_for: Mapping[str, Mapping[str, str]] | None = None,
    timeout: float = 20.0,
    max_bytes: int = 10 * 1024 * 1024,
    allow_private: bool = False,
) -> Answer:
    """Fetch `url`; any status is an answer. Raise `FetchRefused` (permanent) or `FetchFailed`.

    `allowed_hosts`: nothing else is contacted; None = any public host. Give it wherever the address came from outside.
    `credentials_for`: headers by host ("api.example.org", with ":port" where unusual): sent to that host and no other.
    `timeout`: seconds for everything together, redirects included. `max_bytes`: of the answer, after decompression.
    `allow_private`: an administrator wrote this address, so hosts in PRIVATE_HOSTS_ALLOWED may be inside the network.
    """
    private_hosts = settings.PRIVATE_HOSTS_ALLOWED if allow_private else ()
    rules = _Rules(allowed_hosts, credentials_for or {}, private_hosts, max_bytes, time.monotonic() + timeout)
    target, sent = _target(url), dict(headers or {})
    for _redirect in range(MAX_REDIRECTS + 1):
        answer = _once(method, target, {**sent, **_credentials(target, rules)}, body, rules)
        location = answer.headers.get("location", "")
        if method not in {"GET", "HEAD"} or answer.status not in REDIRECTED or not location:
            return answer
        following = _target(urljoin(target.url, location))
        if (target.scheme, following.scheme) == ("https", "http"):
            raise FetchRefused(_("The address redirects to one that is not encrypted. Nothing was fetched."))
        if following.authority != target.authority:
            sent = {name: value for name, value in sent.items() if name.lower() in HARMLESS_HEADERS}
            rules = _without_private(rules)
        target = following
    raise FetchRefused(_("The address redirects more than three times. Enter the final address."))


def _without_private(rules: _Rules) -> _Rules:
    """Where another host sends us to was not written by our administrator."""
    return _Rules(rules.allowed_hosts, rules.credentials_for, (), rules.max_bytes, rules.deadline)


def _credentials(target: _Target, rules: _Rules) -> Mapping[str, str]:
    return rules.credentials_for.get(target.authority, {})


# --- where to ------------------------------------------------------------------------------------------------------


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _target(url: str) -> _Target:
    unreadable = FetchRefused(_("The address is not a web address. Enter one that begins with https://."))
    if len(url) > 4096 or "\\" in url or any(ord(char) <= 0x20 or ord(char) == 0x7F for char in url):
        raise unreadable
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii").lower()
        port = parts.port or _default_port(parts.scheme)
    except ValueError:  # UnicodeError is one
        raise unreadable from None
    if parts.scheme not in {"http", "https"} or not host or "%" in host:
        raise unreadable
    if parts.username is not None or parts.password is not None:
        raise FetchRefused(_("The address contains a user name or password. Put them into the account's settings."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(
        url=url, scheme=parts.scheme, host=host, port=port, path=quote(path, safe=URL_CHARACTERS, errors="replace")
    )


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name. Raises `OSError` where it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an address lies on the open internet, seen without the disguises that carry a private one inside."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast and not ip.is_reserved and ip not in _RELAY_V4
    return ip.is_global and ip in _GLOBAL_V6 and not any(ip in network for network in _DISGUISED_V6)


_RELAY_V4 = ipaddress.IPv4Network("192.88.99.0/24")  # 6to4 relays
_GLOBAL_V6 = ipaddress.IPv6Network(
    "2000::/3"
)  # leaves out ::ffff:0:0/96 (mapped), 64:ff9b::/96 (NAT64), fc00::, fe80::
_DISGUISED_V6 = (ipaddress.IPv6Network("2002::/16"), ipaddress.IPv6Network("2001::/23"))  # 6to4; Teredo and ORCHID


def check_address(url: str, *, allow_private: bool = False) -> None:
    """Raise `FetchRefused` for an address that `fetch` would refuse by its looks; nothing is looked up or contacted."""
    target = _target(url)
    if target.scheme == "http" and not (allow_private and target.named_in(settings.PRIVATE_HOSTS_ALLOWED)):
        raise FetchRefused(_("The address is not encrypted. Enter one that begins with https://."))


def _judged(target: _Target, rules: _Rules) -> list[str]:
    """The addresses to connect to. All of them must be fit: a name that also points inside is a trap."""
    if rules.allowed_hosts is not None and not target.named_in(rules.allowed_hosts):
        raise FetchRefused(_("The address is on a host that this account doesn't use. Nothing was fetched."))
    private = target.named_in(rules.private_hosts)
    if target.scheme == "http" and not private:
        raise FetchRefused(_("The address is not encrypted. Enter one that begins with https://."))
    addresses = _resolved(target, rules)
    if not private and not all(is_public(address) for address in addresses):
        raise FetchRefused(
            _("The address leads into a private network. If that is intended, add its host to PRIVATE_HOSTS_ALLOWED.")
        )
    return addresses[:MAX_ADDRESSES]


def _resolved(target: _Target, rules: _Rules) -> list[str]:
    """`resolve`, which can't be interrupted, within our time."""
    found: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found.put(resolve(target.host, target.port))
        except (OSError, UnicodeError):
            found.put([])

    threading.Thread(target=ask, daemon=True, name="resolve").start()
    try:
        addresses = found.get(timeout=max(0.0, rules.deadline - time.monotonic()))
    except queue.Empty:
        addresses = []
    if not addresses:
        raise FetchFailed(_("The host's name could not be found. Check the address and the network."), ambiguous=False)
    return addresses


# --- one request ----------------------------------------------------------------------------------------------------


@cache
def tls() -> ssl.SSLContext:
    """The system's authorities; SSL_CERT_FILE names others (an office's own)."""
    return ssl.create_default_context()


class _Line(httpcore.NetworkStream):
    """A connection whose every wait ends at one deadline, however slowly the other side drips."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner, self._deadline = inner, deadline
        self.wrote = False

    def _left(self) -> float:
        return max(0.001, self._deadline - time.monotonic())

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if time.monotonic() >= self._deadline:
            raise httpcore.ReadTimeout()
        return self._inner.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), WRITE_PIECE):
            self.wrote = True
            self._inner.write(buffer[start : start + WRITE_PIECE], self._left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._inner = self._inner.start_tls(ssl_context, server_hostname, self._left())
        return self

    def get_extra_info(self, info: str) -> typing.Any:
        return self._inner.get_extra_info(info)


class _Pinned(httpcore.NetworkBackend):
    """Connects to addresses already judged, whatever name it is asked for."""

    def __init__(self, addresses: list[str], deadline: float) -> None:
        self._addresses, self._deadline = addresses, deadline
        self.line: _Line | None = None

    @property
    def may_have_arrived(self) -> bool:
        return self.line is not None and self.line.wrote

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[typing.Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectTimeout()
        for address in self._addresses:
            left = min(CONNECT_TIMEOUT, self._deadline - time.monotonic())
            if left <= 0:
                break
            try:
                self.line = _Line(httpcore.SyncBackend().connect_tcp(address, port, left), self._deadline)
                return self.line
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _once(method: str, target: _Target, headers: Mapping[str, str], body: bytes, rules: _Rules) -> Answer:
    backend = _Pinned(_judged(target, rules), rules.deadline)
    connection = httpcore.HTTPConnection(
        origin=httpcore.Origin(target.scheme.encode(), target.host.encode(), target.port),
        ssl_context=tls() if target.scheme == "https" else None,
        network_backend=backend,
    )
    try:
        with (
            connection,
            connection.stream(
                method, _wire_url(target), headers=_wire_headers(target, headers, body, method), content=body
            ) as response,
        ):
            return _read(response, target, rules)
    except httpcore.LocalProtocolError:
        raise FetchRefused(_("The request itself is malformed. Correct the account's settings.")) from None
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
        raise FetchFailed(_failure(error), ambiguous=backend.may_have_arrived) from error


def _failure(error: Exception) -> str:
    if isinstance(error, httpcore.TimeoutException):
        return _("The other side did not answer in time.")
    if isinstance(error, httpcore.ConnectError):
        return _("No connection could be made. Check that the address is right and its certificate valid.")
    return _("The connection broke before an answer was complete.")


def _wire_url(target: _Target) -> httpcore.URL:
    return httpcore.URL(
        scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode("ascii")
    )


def _wire_headers(target: _Target, headers: Mapping[str, str], body: bytes, method: str) -> list[tuple[str, str]]:
    ours = {"host": target.authority, "accept-encoding": "identity", "connection": "close"}
    if body or method not in {"GET", "HEAD"}:
        ours["content-length"] = str(len(body))
    given = {name.lower(): value for name, value in headers.items()}
    if any(char in f"{name}{value}" for name, value in given.items() for char in "\r\n\0"):
        raise FetchRefused(_("A header contains a line break. Correct the account's settings."))
    return list({"user-agent": "Sportello", "accept": "*/*", **given, **ours}.items())


# --- the answer ------------------------------------------------------------------------------------------------------


def _read(response: httpcore.Response, target: _Target, rules: _Rules) -> Answer:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    too_large = AnswerTooLarge(_("The answer is larger than we accept. Nothing of it was kept."), response.status)
    if headers.get("content-length", "0").isdecimal() and int(headers.get("content-length", "0")) > rules.max_bytes:
        raise too_large
    pieces, size = [], 0
    for piece in _plain(response, headers.get("content-encoding", ""), rules.max_bytes):
        size += len(piece)
        if size > rules.max_bytes:
            raise too_large
        pieces.append(piece)
    return Answer(response.status, headers, b"".join(pieces), target.url)


def _plain(response: httpcore.Response, encoding: str, max_bytes: int) -> Iterator[bytes]:
    """The body as it streams in. We ask for no compression; who compresses all the same is unpacked piece by piece."""
    if encoding.strip().lower() in {"", "identity"}:
        yield from response.iter_stream()
        return
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        raise FetchRefused(_("The answer is packed in a way we did not ask for and don't unpack."))
    unpacker, damaged = (
        zlib.decompressobj(GZIP_OR_ZLIB),
        FetchRefused(_("The answer is damaged: it can't be unpacked.")),
    )
    try:
        for packed in response.iter_stream():
            yield unpacker.decompress(packed, max_bytes + 1)
    except zlib.error:
        raise damaged from None
    if not unpacker.eof:
        raise damaged
