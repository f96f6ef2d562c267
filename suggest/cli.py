"""The command line: `suggest code`, `batch`, `codes`, `serve`, `demo`."""

from __future__ import annotations

import dataclasses
import socket
import sys
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from suggest.errors import InvalidEncounter, SuggestError

if TYPE_CHECKING:
    from suggest.engine.model import Encounter, Suggestion

# Commands of other packages, imported only when they are asked for: looking up a code must not
# wait for the database's library.
_ELSEWHERE = {
    "users": ("suggest.auth.cli", "users_app"),
    "audit": ("suggest.audit.cli", "audit_app"),
}


class _Commands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *_ELSEWHERE]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, name = _ELSEWHERE[cmd_name]
        return typer.main.get_command(getattr(import_module(module), name))


app = typer.Typer(
    cls=_Commands,
    help="Medical code suggestions with exact evidence.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
codes = typer.Typer(help="Look up the code set.", no_args_is_help=True)
app.add_typer(codes, name="codes")

Type = Annotated[str, typer.Option("--encounter-type", help="outpatient, emergency or inpatient")]
Day = Annotated[str | None, typer.Option("--date", help="date of service or discharge, YYYY-MM-DD")]


def fail(message: str) -> NoReturn:
    """One line on standard error, exit code 2."""
    typer.echo(f"error: {message}", err=True)
    raise SystemExit(2)


def main() -> None:
    """Entry point: the package's own errors become one line and exit code 2."""
    try:
        app()
    except SuggestError as error:
        fail(str(error))


def encounter_of(fields: dict[str, Any]) -> Encounter:
    """An encounter from plain values. Raises InvalidEncounter naming the field."""
    from suggest.engine.model import Encounter

    unknown = set(fields) - {"type", "date_of_service", "sex", "age"}
    if unknown:
        raise InvalidEncounter(f"encounter has no field {min(unknown)!r}")
    kind: Any = fields.get("type") or "outpatient"
    if kind not in ("outpatient", "emergency", "inpatient"):
        raise InvalidEncounter("type: use outpatient, emergency or inpatient")
    sex = fields.get("sex")
    if sex not in (None, "F", "M"):
        raise InvalidEncounter("sex: use F or M")
    age = fields.get("age")
    whole = isinstance(age, int) and not isinstance(age, bool)
    if age is not None and not (whole and 0 <= age < 130):
        raise InvalidEncounter("age: use whole years from 0 to 129")
    day = fields.get("date_of_service")
    try:
        when = None if day is None else date.fromisoformat(str(day))
    except ValueError:
        raise InvalidEncounter("date_of_service: use YYYY-MM-DD") from None
    return Encounter(type=kind, date_of_service=when, sex=sex, age=age)


def read_text(file: str) -> str:
    """The text of a file or, for '-', of standard input, line ends kept as they are."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        fail(f"{file}: not UTF-8 at byte {error.start}")


def print_table(suggestions: list[Suggestion]) -> None:
    """A table: rank, code, title, probability, snippet."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("#", justify="right")
    table.add_column("code", no_wrap=True, style="bold")
    table.add_column("title", max_width=52)
    table.add_column("p", justify="right")
    table.add_column("snippet", max_width=44)
    for one in suggestions:
        title = one.title
        if one.unspecified_because:
            title += f"\n({one.unspecified_because})"
        snippet = " ".join(one.evidence[0].text.split())
        more = f" (+{len(one.evidence) - 1})" if len(one.evidence) > 1 else ""
        table.add_row(str(one.rank), one.code, title, f"{one.probability:.2f}", snippet + more)
    Console(width=None if sys.stdout.isatty() else 130, markup=False, highlight=False).print(table)


@app.command()
def code(
    file: Annotated[str, typer.Argument(help="a note, or - for standard input")],
    encounter_type: Type = "outpatient",
    day: Day = None,
    sex: Annotated[str | None, typer.Option(help="F or M")] = None,
    age: Annotated[int | None, typer.Option(help="whole years")] = None,
    top: Annotated[int, typer.Option(min=1, max=200)] = 25,
    format: Annotated[str, typer.Option(help="table or json")] = "table",
) -> None:
    """Suggest codes for one note."""
    if format not in ("table", "json"):
        fail("--format: use table or json")
    encounter = encounter_of(
        {"type": encounter_type, "date_of_service": day, "sex": sex, "age": age}
    )
    text = read_text(file)
    from suggest import Suggester

    suggester = Suggester.load()
    found = suggester.suggest(text, encounter, top=top)
    if format == "table":
        print_table(found)
        return
    import orjson

    sys.stdout.buffer.write(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")


@app.command()
def batch(
    source: Annotated[Path, typer.Argument(metavar="IN.jsonl")],
    target: Annotated[Path, typer.Argument(metavar="OUT.jsonl")],
    workers: Annotated[int | None, typer.Option(min=1, help="processes; default: cores")] = None,
    top: Annotated[int, typer.Option(min=1, max=200)] = 25,
) -> None:
    """Suggest codes for many notes; goes on where a stopped run ended."""
    from suggest.batch import run

    failed = run(source, target, workers=workers, top=top)
    if failed:
        typer.echo(f"{failed} line(s) could not be coded; see the error lines above", err=True)


@codes.command()
def search(words: list[str], limit: Annotated[int, typer.Option(min=1, max=100)] = 10) -> None:
    """Find codes by words, abbreviations or the beginning of a code."""
    from suggest import codesets

    hits = codesets.load().search(" ".join(words), limit)
    if not hits:
        fail("no code found: try other words")
    for hit in hits:
        typer.echo(f"{hit.code:<9} {hit.title}")


@codes.command()
def show(code: str) -> None:
    """One code with what stands above, below and beside it, and its notes."""
    from suggest import codesets

    codeset = codesets.load()
    entry = codeset[code]
    typer.echo(f"{entry.code}  {entry.title}  ({'billable' if entry.billable else 'header'})")
    for place in codeset.ancestors(code):
        typer.echo(f"  in {place}  {codeset.title(place)}")
    for child in codeset.children(code):
        typer.echo(f"  below {child}  {codeset.title(child)}")
    for place, notes in codeset.inherited_notes(code):
        for field in dataclasses.fields(notes):
            value = getattr(notes, field.name)
            if field.name != "seventh_characters":
                for line in value:
                    typer.echo(f"  {field.name.replace('_', ' ')} at {place}: {line}")


@app.command()
def serve(
    host: str = "127.0.0.1", port: Annotated[int, typer.Option(min=1, max=65535)] = 8000
) -> None:
    """Serve the pages and the HTTP API; settings are SUGGEST_* variables."""
    import uvicorn

    uvicorn.run("suggest.app:create_app", factory=True, host=host, port=port, access_log=False)


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    serving: Annotated[bool, typer.Option("--serve/--no-serve")] = True,
    folder: Annotated[Path, typer.Option(help="where the demo's database is kept")] = Path(
        "var/demo"
    ),
) -> None:
    """Print the suggestions of a sample note, fill a demo database once, serve the pages."""
    from importlib import resources

    from suggest import Encounter, Suggester

    note = (resources.files("suggest") / "demo" / "sample_note.txt").read_text("utf-8")
    encounter = Encounter(type="outpatient", date_of_service=date(2026, 3, 1), sex="F", age=67)
    typer.echo(note)
    suggester = Suggester.load()
    print_table(suggester.suggest(note, encounter, top=15))
    if not serving:
        return
    import uvicorn

    from suggest.app import create_app
    from suggest.demo.start import demo_settings, prepare

    refuse_taken(port)
    settings = demo_settings(folder)
    typer.echo("\nOpening the demo (the first time takes some seconds: encounters are coded) ...")
    users = prepare(settings, suggester)
    typer.echo(f"\nOpen http://127.0.0.1:{port} and sign in as one of:\n")
    for user in users:
        typer.echo(f"  {user.name:<9} {user.password:<19} {user.role}")
    typer.echo(f"\nThe API: http://127.0.0.1:{port}/docs. The data: {folder}. Ctrl+C stops it.\n")
    uvicorn.run(
        create_app(settings, suggester), host="127.0.0.1", port=port, access_log=False,
        log_level="warning",
    )  # fmt: skip


def refuse_taken(port: int) -> None:
    """Fails where something listens on the port, before the work that serving would need."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            fail(f"port {port} is taken by another program: choose one with --port")


if __name__ == "__main__":
    main()
