"""Drawing a document as a PDF: A4, every page with its number, the number of pages and the hash of the contents.

The letters are DejaVu's, which know the Latin, Cyrillic, Greek and Arabic scripts; words from right to left are shaped and
set as such. A sign that the typeface lacks is printed as an empty box.
"""

import logging
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, gettext as _
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from contactcenter.desk.printing.document import Document, Labelled, Line, Part, Shape
from contactcenter.templatetags.house import exact

FONTS = Path(settings.BASE_DIR) / "node_modules" / "dejavu-fonts-ttf" / "ttf"
MARGIN, LABELS = 20.0, 38.0  # millimetres
SMALL, TEXT, TITLE = 8.0, 9.5, 15.0  # points
INDENT = {Shape.OUT: 10.0, Shape.NOTE: 10.0}  # millimetres: the office's own words stand further in
INK, GREY, LINE = (22, 32, 46), (90, 100, 115), (185, 194, 207)
# The library would tell the log which of a citizen's signs its typeface lacks.
logging.getLogger("fpdf").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


def draw(document: Document, *, by: str, at: datetime) -> tuple[bytes, int]:
    """The bytes of the PDF and its number of pages. `by`: who printed it."""
    words = {"who": by, "when": exact(at)}
    sheet = _Sheet(document.seal, _("printed by %(who)s, %(when)s") % words)
    sheet.set_title(document.title)
    sheet.set_lang(get_language() or "en")
    sheet.set_creation_date(timezone.localtime(at))
    sheet.add_page()
    sheet.title_line(document.title)
    sheet.labelled(document.about)
    for part in document.parts:
        sheet.part(part, repeats=part.about == document.about)
    return bytes(sheet.output()), sheet.page_no()


class _Sheet(FPDF):
    """The paper with what stands on every page."""

    def __init__(self, seal: str, printed: str) -> None:
        super().__init__(format="A4")
        self.seal, self.printed = seal, printed
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=MARGIN + 4)
        for style, name in {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}.items():
            self.add_font("house", style, FONTS / name)
        self.set_text_shaping(True)
        self.set_font("house", size=TEXT)

    def footer(self) -> None:
        self.set_y(-MARGIN + 2)
        self._ink(GREY, SMALL - 1.5)
        self.cell(0, 3.5, f"SHA-256 {self.seal}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.cell(130, 3.5, self.printed)
        page = _("page %(n)s of %(all)s") % {"n": self.page_no(), "all": "{nb}"}
        self.cell(0, 3.5, page, align="R")

    def title_line(self, title: str) -> None:
        self._ink(INK, TITLE, "B")
        self._paragraph(title, 7)
        self.ln(2)

    def labelled(self, about: Labelled) -> None:
        for label, value in about:
            self._ink(GREY, SMALL)
            self.cell(LABELS, 5, label)
            self._ink(INK, TEXT)
            self._paragraph(value, 5)
        self.ln(3)

    def part(self, part: Part, *, repeats: bool) -> None:
        """`repeats`: what it is about stands on top of the document already."""
        self._rule()
        self._ink(INK, TEXT + 2, "B")
        self._paragraph(part.title, 6)
        self.ln(1)
        if not repeats:
            self.labelled(part.about)
        for line in part.lines:
            self._line(line)

    def _line(self, line: Line) -> None:
        if line.heading:
            self._ink(INK if line.shape == Shape.DAY else GREY, SMALL, "B" if line.shape == Shape.DAY else "")
            self._paragraph(line.heading, 4.5)
        if line.text:
            self._ink(GREY if line.shape == Shape.FACT else INK, SMALL if line.shape == Shape.FACT else TEXT)
            self._paragraph(line.text, 5, indent=INDENT.get(line.shape, 0))
        for words in line.below:
            self._ink(GREY, SMALL)
            self._paragraph(words, 4.5)
        self.ln(2)

    def _paragraph(self, words: str, height: float, *, indent: float = 0) -> None:
        self.set_x(self.get_x() + indent)
        self.multi_cell(0, height, _printable(words), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")

    def _rule(self) -> None:
        self.set_draw_color(*LINE)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(3)

    def _ink(self, colour: tuple[int, int, int], size: float, style: str = "") -> None:
        self.set_text_color(*colour)
        self.set_font("house", style, size)


def _printable(words: str) -> str:
    """Without what controls a terminal or a layout instead of saying something."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in words)
