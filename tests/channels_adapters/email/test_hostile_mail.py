"""Mail made to harm: whatever comes, an answer comes too, in a bounded number of steps."""

import base64
import random
import struct
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from channels_adapters.contract import InboundMessage, RawRequest, Unparseable
from channels_adapters.email import body, charsets, cms, filenames, flowed, headers, mime, plaintext, quoting, tnef
from channels_adapters.email.adapter import Adapter

Build = Callable[..., Adapter]
FIXTURES = Path(mime.__file__).parent / "fixtures"
HEAD = b"From: giulia.ferri@example.org\r\nTo: urp@comune.example\r\nMIME-Version: 1.0\r\n"


def parsed(adapter: Adapter, raw: bytes) -> InboundMessage:
    (event,) = adapter.parse(RawRequest(door="hand", body=raw))
    assert isinstance(event, InboundMessage)
    return event


def nested(depth: int) -> bytes:
    """Part inside part inside part, each with a boundary of its own."""
    opening = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(depth))
    return HEAD + opening + b"Content-Type: text/plain\r\n\r\nin fondo\r\n"


def steps(work: Callable[[], object]) -> int:
    """How many Python lines a piece of work runs: a measure of time that no busy machine can bend."""
    count = 0

    def trace(_frame: object, event: str, _argument: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type] # typeshed wants the frame's own type
    try:
        work()
    finally:
        sys.settrace(before)
    return count


# --- bombs ---


def test_ten_thousand_nested_parts_are_kept_and_said(build: Build) -> None:
    message = parsed(build(), nested(10_000))
    assert "too-many-parts" in message.remarks
    assert len(message.files) == 1  # what stayed closed


def test_reasonable_nesting_is_read_to_the_end(build: Build) -> None:
    message = parsed(build(), nested(20))
    assert message.text == "in fondo"
    assert message.remarks == ()


def test_ten_thousand_parts_side_by_side_are_cut_and_said(build: Build) -> None:
    parts = b"--b\r\nContent-Type: image/gif\r\n\r\nGIF89a\r\n" * 10_000
    text = b"--b\r\nContent-Type: text/plain\r\n\r\nciao\r\n"
    message = parsed(build(), HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + text + parts + b"--b--\r\n")
    assert message.text == "ciao"
    assert len(message.files) == body.MAX_FILES
    assert set(message.remarks) == {"too-many-parts", "files-cut"}


def test_the_work_grows_no_faster_than_the_bomb() -> None:
    small, large = (steps(partial(mime.split, nested(depth))) for depth in (100, 10_000))
    assert large < small * 100


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b" * 300_000,
        HEAD + b"Content-Type: multipart/mixed; boundary=" + b"b" * 60_000 + b"\r\n\r\n--b\r\n",
        HEAD + b"X: y\r\n" * 100_000 + b"\r\nciao",
        HEAD + b"X: " + b"a\r\n " * 100_000 + b"\r\n\r\nciao",
        HEAD.replace(b"giulia", b"(" * 10_000 + b"giulia"),
        HEAD + b"Cc: " + b"a@b.example, " * 50_000 + b"\r\n\r\nciao",
        HEAD + b"References: " + b"<a@b> " * 50_000 + b"\r\n\r\nciao",
        HEAD + b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n\r\nciao",
        HEAD + b"Subject: " + b"=?a" * 20_000 + b"\r\n\r\nciao",
        HEAD + b"Content-Type: text/plain; " + b"a*0=b;" * 10_000 + b"\r\n\r\nciao",
        HEAD + b'Content-Type: text/plain; x="' + b'\\"' * 20_000 + b"\r\n\r\nciao",
        HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"parola \r\n" * 200_000,
        HEAD + b"\r\n" + b"> " * 500_000,
        HEAD + b"\r\n" + b"On Monday at 5 somebody\n" * 50_000 + b"wrote:\n",
        HEAD + b"\r\n" + b"Da: x\n" * 100_000,
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<style>" * 100_000,
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<!--" * 400_000,
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<table><tr><td>" * 20_000,
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<" * 1_500_000,
        HEAD + b"Content-Type: text/html\r\n\r\n" + b'<img src="cid:' * 100_000,
        HEAD + b"Authentication-Results: mx.comune.example; " + b"(" * 15_000 + b"\r\n\r\nciao",
    ],
    ids=range(21),
)
def test_overlong_things_are_survived(build: Build, raw: bytes) -> None:
    assert parsed(build(authserv_id="mx.comune.example"), raw).sender.value.endswith("@example.org")


def test_a_text_of_many_megabytes_is_shown_in_part_and_kept_whole(build: Build) -> None:
    whole = "riga di testo\n" * 100_000
    message = parsed(build(), HEAD + b"\r\n" + whole.encode())
    assert len(message.text) == body.MAX_TEXT
    assert message.remarks == ("text-cut",)
    assert message.files[0].name == "full-text.txt"
    assert message.files[0].body.decode() == whole.rstrip("\n")


def test_a_mail_handed_in_above_the_limit_is_not_taken_apart(build: Build) -> None:
    raw = HEAD + b"Subject: Video\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + b"x" * 2_000_000
    message = parsed(build(max_size=1), raw)
    assert message.remarks == ("oversize",)
    assert message.files == ()
    assert message.subject == "Video"


def signature(content: bytes) -> bytes:
    """A CMS structure of endless nesting around some content."""
    return b"\x30\x80" * 5000 + content


@pytest.mark.parametrize(
    "data", [b"", b"0", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", signature(b"x"), b"\x30\x80\x04\x00" * 200_000]
)
def test_a_signature_built_to_hang_is_given_up(data: bytes) -> None:
    with pytest.raises(cms.NotSigned):
        cms.signed_content(data)


def test_signatures_inside_signatures_end_somewhere(build: Build) -> None:
    inner = (FIXTURES / "smime_opaque.eml").read_bytes().partition(b"\n\n")[2]
    der = base64.b64decode(inner)
    content = cms.signed_content(der)
    wrapped = HEAD + b"Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\n" + der
    assert b"Testo firmato." in content
    assert body.read(mime.split(wrapped)).text == "Testo firmato."
    assert body._of(mime.split(wrapped), 0).remarks == ("signed-opaque",)


# --- whatever else ---


@pytest.fixture(scope="module")
def corpus() -> list[bytes]:
    return [path.read_bytes() for path in sorted(FIXTURES.glob("*.eml"))]


def test_damaged_mail_gives_a_message_or_a_sentence(build: Build, corpus: list[bytes]) -> None:
    """Every fixture with bytes changed, cut and doubled, by a fixed seed."""
    dice, adapter = random.Random(7), build(authserv_id="mx.comune.example")
    for raw in corpus:
        for _round in range(12):
            damaged = damage(raw, dice)
            try:
                adapter.parse(RawRequest(door="hand", body=damaged))
            except Unparseable as refusal:
                assert str(refusal).endswith(".")  # noqa: PT017 - most don't raise


def damage(raw: bytes, dice: random.Random) -> bytes:
    data = bytearray(raw)
    for _change in range(dice.randrange(1, 8)):
        at = dice.randrange(len(data) + 1)
        match dice.randrange(4):
            case 0:
                data[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del data[at : at + dice.randrange(1, 60)]
            case 2:
                data[at:at] = data[: dice.randrange(1, 80)]
            case _:
                data[at:at] = dice.choice([b"\r\n\r\n", b"=?", b"\0", b"--", b";", b'"', b"\xff\xfe", b"<", b"(((("])
    return bytes(data)


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
@example(b"From: a@b\n\n\xed\xa0\x80")
def test_any_bytes_decode_to_storable_text(data: bytes) -> None:
    for name in ("", "utf-8", "utf-16", "utf-7", "hz", "iso2022_jp", "cp037", "no such thing", "zip", "a\0b", "ü"):
        charsets.clean(charsets.decode(data, name)).encode()


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
@example("On 5 May wrote:\n> x\nfine\n")
def test_folding_history_loses_nothing(text: str) -> None:
    fresh, quoted = quoting.split(text)
    assert sorted((fresh + quoted).replace("\n", "")) == sorted(text.replace("\n", ""))


@given(
    st.lists(st.sampled_from(["> x", "ciao", "", "On 5 May Anna wrote:", "Da: a", "Inviato: b", "A: c", "-- ", ">> y"]))
)
@settings(max_examples=300, deadline=None)
def test_there_are_always_words_to_read(lines: list[str]) -> None:
    text = "\n".join(lines)
    fresh, quoted = quoting.split(text)
    assert fresh.strip() or not text.strip()
    assert sorted((fresh + quoted).replace("\n", "")) == sorted(text.replace("\n", ""))


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
@example("../" * 60 + "a.pdf")
@example("a" * 400 + ".pdf")
@example("x." + "y" * 300)
def test_no_name_of_a_file_leaves_its_folder(name: str) -> None:
    harmless = filenames.harmless(name)
    assert len(harmless) <= filenames.MAX_NAME
    assert not set(harmless) & set('/\\\0\r\n\u202e<>:"|?*')
    assert not harmless.startswith(".")


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_unwrapping_keeps_every_word(text: str) -> None:
    text = text.replace("\r", "").replace(">", "")
    assert "".join(flowed.unwrap(text).split()) == "".join(text.split())


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_broken_packets_of_outlook_are_left_closed(data: bytes) -> None:
    packet = (
        (FIXTURES / "tnef.eml").read_bytes().partition(b"winmail.dat")[2].partition(b"\n\n")[2].partition(b"--b")[0]
    )
    whole = base64.b64decode(packet)
    assert tnef.unpack(whole)
    tnef.unpack(whole[: len(whole) // 2] + data)
    tnef.unpack(data)


def test_a_packet_that_names_no_attachment_is_left_closed() -> None:
    """tnefparse 1.4 stumbles over an attachment's title that comes before any attachment."""
    title = struct.pack("<BIL", 2, 0x00018010, 0) + b"\0\0"
    assert tnef.unpack(struct.pack("<LH", 0x223E9F78, 1) + title) is None
    assert tnef.unpack(b"\0" * (tnef.MAX_PACKET + 1)) is None


def test_a_table_too_large_to_lay_out_is_still_read() -> None:
    text = plaintext.from_html("<table>" + "<tr><td>Giulia<td>Ferri" * 10_000 + "</table>")
    assert text.count("Giulia") == 10_000


def test_html_too_long_to_lay_out_is_still_read() -> None:
    source = "<style>p{}</style><p>primo</p><!-- no -->" + "<p>&egrave; lungo</p>" * 60_000
    text = plaintext.from_html(source)
    assert text.startswith("primo\nè lungo")
    assert "p{}" not in text


def test_header_values_are_cut_not_refused() -> None:
    found = headers.Headers(b"Subject: " + b"a" * 100_000)
    assert len(found.get("subject")) <= headers.MAX_FIELD
