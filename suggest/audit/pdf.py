"""The report as PDF: evidence highlighted in the note, every page numbered and tied to the log."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import as_file, files
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from suggest.audit.excerpt import Excerpt, excerpts
from suggest.audit.report import CodeReport, ReportEvidence, ReportNote

FONT: Final = "DejaVuSans"  # ours: reportlab's own Vera has no Greek, no arrows, no check marks
_GREY: Final = HexColor("#555555")
_RULE: Final = HexColor("#c8c8c8")
_HEAD: Final = HexColor("#eeeeee")
# Told apart by more than colour: what is against the code has a double line, and every mark is
# followed by its number and its assertion in words.
_FOR, _AGAINST, _ASIDE = "#fff0a0", "#ffd0cc", "#d5e6ff"
_MARGIN: Final = 18 * mm

_BODY: Final = ParagraphStyle("body", fontName=FONT, fontSize=9, leading=13)
_NOTE: Final = ParagraphStyle(
    "note", _BODY, leading=15, borderColor=_RULE, borderWidth=0.5, borderPadding=5, spaceAfter=15
)
_SMALL: Final = ParagraphStyle("small", _BODY, fontSize=7.5, leading=10, textColor=_GREY)
_CELL: Final = ParagraphStyle("cell", _BODY, fontSize=8, leading=11)
_TITLE: Final = ParagraphStyle("title", _BODY, fontSize=14, leading=18, spaceAfter=2)
_SECTION: Final = ParagraphStyle(
    "section", _BODY, fontSize=11, leading=14, spaceBefore=11, spaceAfter=4, keepWithNext=1
)


def to_pdf(report: CodeReport) -> bytes:
    """The report on US letter pages. The same report gives the same bytes."""
    _load_font()
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=LETTER,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN + 6 * mm,
        bottomMargin=_MARGIN + 6 * mm,
        title=f"Audit report {report.code}, encounter {report.encounter_id}",
        author=report.made_by,
        invariant=1,
    )
    width = document.width
    story: list[Flowable] = [
        Paragraph(_safe(f"{report.code}  {report.title}"), _TITLE),
        *_facts(report, width),
        *_section("Decisions"),
        *_table(
            ("when (UTC)", "who", "role", "what", "detail"),
            [
                (f"{d.time:%Y-%m-%d %H:%M:%S}", d.who, d.role, d.what, d.detail)
                for d in report.decisions
            ],
            (0.2, 0.18, 0.12, 0.15, 0.35),
            width,
            "Nothing was decided on this code yet.",
        ),
        *_section("Evidence in the notes"),
        *_evidence(report, width),
        *_section("Reasons of the model"),
        *_table(
            ("log-odds", "reason"),
            [(f"{reason.weight:+.2f}", reason.text) for reason in report.reasons],
            (0.15, 0.85),
            width,
            "The model gave no reasons (the code was added by a coder).",
        ),
        *_section("Edits that fired"),
        *_table(
            ("rule", "severity", "message", "source"),
            [(e.rule, e.severity, e.message, e.source) for e in report.edits],
            (0.18, 0.12, 0.42, 0.28),
            width,
            "No edit fired on this code.",
        ),
    ]
    document.build(story, canvasmaker=_numbered(report))
    return out.getvalue()


def _facts(report: CodeReport, width: float) -> list[Flowable]:
    chance = "-" if report.probability is None else f"{report.probability:.3f}"
    model = report.model or "none: added by a coder"
    if report.model_hash:
        model += f" (SHA-256 {report.model_hash})"
    facts = [
        ("encounter", f"{report.encounter_id}, {report.encounter_type}, {report.facility}"),
        ("date of service", str(report.date_of_service or "-")),
        ("status", report.status + (", principal diagnosis" if report.principal else "")),
        ("present on admission", report.poa or "-"),
        ("probability", chance),
        ("model", model),
        ("code set", f"{report.system}, {report.code_set}"),
        ("report made", f"{report.made_at:%Y-%m-%d %H:%M:%S} UTC by {report.made_by}"),
    ]
    rows = [(Paragraph(_safe(name), _SMALL), Paragraph(_safe(said), _CELL)) for name, said in facts]
    return [_grid(rows, (0.22, 0.78), width, head=False)]


def _evidence(report: CodeReport, width: float) -> list[Flowable]:
    if not report.evidence:
        return [Paragraph("No span supports this code.", _BODY)]
    numbers = {id(item): number for number, item in enumerate(report.evidence, 1)}
    parts: list[Flowable] = []
    for note in report.notes:
        items = [item for item in report.evidence if item.note_id == note.id]
        if items:
            parts += _note(note, items, numbers)
    rows = [
        (
            str(numbers[id(item)]),
            item.span.of(report.note(item.note_id).text),
            "for" if item.supports else "against",
            item.assertion,
            item.section,
            f"{item.note_id} [{item.span.start}:{item.span.end}]",
            item.found_by,
        )
        for item in report.evidence
    ]
    heads = ("no.", "text", "speaks", "assertion", "section", "note [from:to]", "found by")
    shares = (0.06, 0.25, 0.09, 0.12, 0.18, 0.19, 0.11)
    return [*parts, *_table(heads, rows, shares, width, "")]


def _note(note: ReportNote, items: list[ReportEvidence], numbers: dict[int, int]) -> list[Flowable]:
    name = (
        f"{note.type}, version {note.version}, by {note.author_role}, "
        f"{note.time:%Y-%m-%d %H:%M} UTC, id {note.id}"
    )
    parts: list[Flowable] = [Paragraph(_safe(name), _SMALL), Spacer(1, 7)]
    for excerpt in excerpts(note.text, [item.span for item in items]):
        parts += [Paragraph(_marked(excerpt, items, numbers), _NOTE)]
    return parts


def _marked(excerpt: Excerpt, items: list[ReportEvidence], numbers: dict[int, int]) -> str:
    out = ["[…] "] if excerpt.starts_inside else []
    for piece in excerpt.pieces:
        text = _safe(piece.text)
        if piece.marks:
            holding = [items[mark] for mark in piece.marks]
            against = any(not item.supports for item in holding)
            plain = all(item.assertion == "affirmed" for item in holding)
            colour = _AGAINST if against else _FOR if plain else _ASIDE
            line = 'u kind="double"' if against else "u"
            text = f'<font backColor="{colour}"><{line}>{text}</u></font>'
        out.append(text)
        for mark in piece.ends:
            label = f"{numbers[id(items[mark])]} {items[mark].assertion}"
            out.append(f'<super size="6">[{_safe(label)}]</super>')
    if excerpt.ends_inside:
        out.append(" […]")
    return "".join(out)


def _section(name: str) -> list[Flowable]:
    return [Paragraph(name, _SECTION)]


def _table(
    heads: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    shares: tuple[float, ...],
    width: float,
    nothing: str,
) -> list[Flowable]:
    if not rows:
        return [Paragraph(nothing, _BODY)]
    cells = [tuple(Paragraph(_safe(text), _CELL) for text in row) for row in rows]
    return [_grid([tuple(Paragraph(head, _SMALL) for head in heads), *cells], shares, width)]


def _grid(
    rows: list[tuple[Flowable, ...]], shares: tuple[float, ...], width: float, head: bool = True
) -> Flowable:
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _RULE),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    if head:
        style.append(("BACKGROUND", (0, 0), (-1, 0), _HEAD))
    table: Flowable = Table(
        rows,
        colWidths=[share * width for share in shares],
        repeatRows=1 if head else 0,
        splitInRow=1,
        style=TableStyle(style),
    )
    return table


def _numbered(report: CodeReport) -> Any:
    """A canvas that writes head and foot of every page once it knows how many there are."""

    class NumberedCanvas(Canvas):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                _frame(self, report, number, len(self._pages))
                super().showPage()
            super().save()

    return NumberedCanvas


def _frame(canvas: Any, report: CodeReport, number: int, count: int) -> None:
    width, height = LETTER
    canvas.setFillColor(_GREY)
    head = _plain(f"Encounter {report.encounter_id}    code {report.code}")
    size = min(8.0, 8.0 * (width - 2 * _MARGIN - 30 * mm) / canvas.stringWidth(head, FONT, 8))
    canvas.setFont(FONT, size)
    canvas.drawString(_MARGIN, height - _MARGIN + 2 * mm, head)
    canvas.setFont(FONT, 8)
    canvas.drawRightString(width - _MARGIN, height - _MARGIN + 2 * mm, f"page {number} of {count}")
    canvas.setFont(FONT, 7)
    canvas.drawString(
        _MARGIN, _MARGIN - 2 * mm, f"audit log: row {report.head.seq}, hash {report.head.hash}"
    )
    canvas.setStrokeColor(_RULE)
    canvas.line(_MARGIN, height - _MARGIN, width - _MARGIN, height - _MARGIN)
    canvas.line(_MARGIN, _MARGIN + 2 * mm, width - _MARGIN, _MARGIN + 2 * mm)


@cache
def _load_font() -> Any:
    """The font, registered with reportlab; its table of glyphs."""
    with as_file(files("suggest.audit") / "fonts" / "DejaVuSans.ttf") as path:
        font = TTFont(FONT, str(path))
    pdfmetrics.registerFont(font)
    # Bold and italic are asked for by nobody, but reportlab looks up the family.
    pdfmetrics.registerFontFamily(FONT, FONT, FONT, FONT, FONT)
    return font.face.charToGlyph


def _safe(text: str) -> str:
    """Markup for a paragraph: line ends kept, nothing of the text read as markup."""
    return "<br/>".join(escape(_plain(line)) for line in text.splitlines()) + (
        "<br/>" if text.endswith("\n") else ""
    )


def _plain(text: str) -> str:
    """The text with what the font cannot show as `[U+4F60]`, so that nothing vanishes."""
    glyphs = _load_font()
    return "".join(
        char
        if ord(char) in glyphs and unicodedata.category(char) not in ("Cc", "Cf")
        else "    "
        if char == "\t"
        else f"[U+{ord(char):04X}]"
        for char in unicodedata.normalize("NFC", text)
    )
