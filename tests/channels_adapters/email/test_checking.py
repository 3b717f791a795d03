"""`manage.py doctor` asks each account what is wrong, and gets sentences."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels_adapters.email.adapter import Adapter
from tests.channels_adapters.email import imap_servers
from tests.channels_adapters.email.conftest import mailbox_settings
from tests.channels_adapters.email.imap_servers import PASSWORD, USER
from tests.channels_adapters.email.smtp_server import PostOffice

Build = Callable[..., Adapter]


def test_a_sound_account_has_nothing_to_say(office: Build, smtp: PostOffice) -> None:
    assert office(**smtp.settings()).check() == []


def test_an_account_without_a_mailbox_is_sound_too(build: Build) -> None:
    assert build().check() == []


def test_everything_wrong_is_said_at_once(build: Build, unused_port: int) -> None:
    problems = build(
        address="urp at comune",
        aliases=("anagrafe",),
        max_size=0,
        imap_host="127.0.0.1",
        imap_port=unused_port,
        imap_security="none",
        imap_user=USER,
        imap_password=PASSWORD,
        sending="own",
    ).check()
    assert len(problems) == 5
    assert all(problem.endswith(".") for problem in problems)
    assert "“urp at comune” is no e-mail address. Correct it." in problems
    assert "No SMTP server is named. Enter one, or send through the installation." in problems


@pytest.mark.parametrize("missing", ["imap_user", "imap_password"])
def test_a_mailbox_without_user_or_password_is_not_even_tried(build: Build, missing: str) -> None:
    values = {"imap_host": "nowhere.invalid", "imap_user": "urp", "imap_password": "segreta", missing: ""}
    assert build(**values).check() == ["The mailbox has no user or no password. Enter both."]


def test_moving_mail_into_its_own_folder_is_noticed(office: Build) -> None:
    adapter = office(after_fetch="move")
    same = office(after_fetch="move", move_to=adapter.settings.imap_folder)
    assert same.check() == ["Stored mail would be moved into the folder it is fetched from. Choose another folder."]


def test_an_smtp_server_that_is_down_is_noticed(build: Build, unused_port: int) -> None:
    adapter = build(sending="own", smtp_host="127.0.0.1", smtp_port=unused_port, smtp_security="none")
    assert adapter.check() == ["The mail server can't be reached. The message waits and is sent again."]


@pytest.fixture
def self_made(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = dt.datetime(2020, 1, 1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), start)
    certificate = builder.not_valid_after(start.replace(year=2120)).sign(key, hashes.SHA256())
    paths = tmp_path / "cert.pem", tmp_path / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def test_a_certificate_that_nobody_vouches_for_is_refused(build: Build, self_made: tuple[Path, Path]) -> None:
    with imap_servers.pymap(self_made) as server:
        adapter = build(**{**mailbox_settings(server, "INBOX"), "imap_security": "starttls"})
        assert adapter.check() == [
            "The certificate of the IMAP server 127.0.0.1 is not valid. Check its name and the encryption."
        ]
