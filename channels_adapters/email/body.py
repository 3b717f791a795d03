"""What a mail says and brings: text, HTML and files out of its tree of parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import unquote

from channels_adapters.contract import InboundFile
from channels_adapters.email import cms, filenames, flowed, headers, plaintext, tnef
from channels_adapters.email.mime import Part, split

MAX_TEXT = 500_000  # characters shown; the whole goes along as a file
MAX_FILES = 200
MAX_WRAPPINGS = 3  # signatures inside signatures
_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
_CMS = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_CID = re.compile(r"cid:([^\"'\s>)]{1,300})", re.I)


@dataclass(frozen=True)
class Content:
    text: str = ""
    html: str = ""
    files: tuple[InboundFile, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def says(self) -> bool:
        return bool(self.text.strip() or self.html.strip())


def read(root: Part) -> Content:
    """Everything in the mail, named, capped, and with a text even where only HTML was sent."""
    content = _of(root, MAX_WRAPPINGS)
    text = content.text if content.text.strip() else plaintext.from_html(content.html) if content.html else ""
    content = replace(content, text=_trimmed(text), files=_named(_shown_inline(content)))
    if root.budget.spent:
        content = replace(content, remarks=(*content.remarks, "too-many-parts"))
    return _capped(content)


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _capped(content: Content) -> Content:
    remarks, files, text = content.remarks, content.files, content.text
    if len(text) > MAX_TEXT:
        whole = InboundFile(name="full-text.txt", content_type="text/plain", body=text.encode("utf-8", "replace"))
        text, files, remarks = text[:MAX_TEXT], (whole, *files), (*remarks, "text-cut")
    if len(files) > MAX_FILES:
        files, remarks = files[:MAX_FILES], (*remarks, "files-cut")
    html = content.html if len(content.html) <= MAX_TEXT * 4 else ""
    return Content(text, html, files, tuple(dict.fromkeys(remarks)))


# --- the parts, kind by kind ---


def _of(part: Part, wrappings: int) -> Content:
    if part.children:
        return _of_multipart(part, wrappings)
    if part.type in _CMS:
        return _of_cms(part, wrappings)
    if part.type in tnef.TYPES or part.filename.lower() == "winmail.dat":
        return _of_tnef(part)
    if part.disposition != "attachment" and not part.filename and part.type in ("text/plain", "text/html"):
        return _words(part)
    if part.type in _SIGNATURES:
        return Content()
    return Content(files=(_file(part),), remarks=("invitation",) if part.type == "text/calendar" else ())


def _words(part: Part) -> Content:
    text = part.text()
    if part.type == "text/html":
        return Content(html=text)
    if part.parameter("format").lower() == "flowed":
        text = flowed.unwrap(text, delete_space=part.parameter("delsp").lower() == "yes")
    return Content(text=text)


def _of_multipart(part: Part, wrappings: int) -> Content:
    if part.type == "multipart/encrypted":
        return Content(files=tuple(_file(child) for child in part.children), remarks=("encrypted",))
    contents = [_of(child, wrappings) for child in part.children]
    return _best(contents) if part.type == "multipart/alternative" else _joined(contents)


def _best(contents: list[Content]) -> Content:
    """Of alternatives: the first plain text, the last HTML (the sender puts the richest last), the files of all."""
    text = next((found.text for found in contents if found.text.strip()), "")
    html = next((found.html for found in reversed(contents) if found.html.strip()), "")
    return Content(text, html, *_gathered(contents))


def _joined(contents: list[Content]) -> Content:
    """Of parts in a row: the words of all. HTML stays only where at least one part had some."""
    speaking = [found for found in contents if found.says]
    if len(speaking) == 1:
        return Content(speaking[0].text, speaking[0].html, *_gathered(contents))
    text = "\n\n".join(found.text if found.text.strip() else plaintext.from_html(found.html) for found in speaking)
    with_html = any(found.html for found in speaking)
    html = "\n".join(found.html or plaintext.as_html(found.text) for found in speaking) if with_html else ""
    return Content(text, html, *_gathered(contents))


def _gathered(contents: Iterable[Content]) -> tuple[tuple[InboundFile, ...], tuple[str, ...]]:
    contents = list(contents)
    files = tuple(file for found in contents for file in found.files)
    return files, tuple(remark for found in contents for remark in found.remarks)


def _of_cms(part: Part, wrappings: int) -> Content:
    kind = part.parameter("smime-type").lower()
    if "enveloped" in kind:
        return Content(files=(_file(part),), remarks=("encrypted",))
    try:
        inner = split(cms.signed_content(part.decoded())) if wrappings else None
    except cms.NotSigned:
        inner = None
    if inner is None:
        return Content(files=(_file(part),), remarks=("signed-opaque" if kind == "signed-data" else "encrypted",))
    opened = _of(inner, wrappings - 1)
    return replace(opened, remarks=(*opened.remarks, "signed"))


def _of_tnef(part: Part) -> Content:
    unpacked = tnef.unpack(part.decoded())
    if unpacked is None:
        return Content(files=(_file(part),))
    return Content(unpacked.text, unpacked.html, unpacked.files)


# --- files ---


def _file(part: Part) -> InboundFile:
    name = part.filename
    if not name and part.type == "message/rfc822":
        name = _name_of_mail(part)
    return InboundFile(
        name=name, content_type=part.type[:127], body=part.decoded(), content_id=part.content_id, inline=False
    )


def _name_of_mail(part: Part) -> str:
    """An attached mail is called by its subject. Nothing else of it is looked at: it must not steer the thread."""
    subject = headers.Headers(part.decoded()[:20_000].replace(b"\r\n", b"\n").partition(b"\n\n")[0]).text("subject")
    return filenames.harmless(f"{subject.replace('/', '-')[:100]}.eml") if subject else ""


def _shown_inline(content: Content) -> Iterable[InboundFile]:
    """Files, those that the HTML shows by their Content-ID marked so. The rest are attachments, whatever they claim."""
    shown = {unquote(found).strip("<>") for found in _CID.findall(content.html)} if content.files else set()
    return (replace(file, inline=file.content_id in shown) if file.content_id else file for file in content.files)


def _named(files: Iterable[InboundFile]) -> tuple[InboundFile, ...]:
    return tuple(
        file if file.name else replace(file, name=filenames.made_up(file.content_type, number))
        for number, file in enumerate(files, 1)
    )
