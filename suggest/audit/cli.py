"""`suggest audit verify` and `suggest audit checkpoint`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from suggest.audit.checkpoint import parse_checkpoint, signing_key, verify_key
from suggest.audit.errors import LogTampered
from suggest.audit.verify import Report, checkpoints, set_checkpoint
from suggest.audit.verify import verify as verify_log
from suggest.errors import SuggestError
from suggest.store.base import DEFAULT_URL, Database, utcnow

audit_app = typer.Typer(
    name="audit", help="Prove that nobody tampered with the audit log.", no_args_is_help=True
)

DEFAULT_KEY = Path("var/audit-key.pem")
TAMPERED = 1
BAD_INPUT = 2
# ImportError: the URL's driver is not installed.
_BAD_INPUT_ERRORS = (SuggestError, SQLAlchemyError, OSError, ImportError)

DatabaseUrl = Annotated[
    str, typer.Option("--database", envvar="SUGGEST_DATABASE_URL", help="The database's URL.")
]
KeyFile = Annotated[
    Path,
    typer.Option("--key", envvar="SUGGEST_AUDIT_KEY", help="The file of the signing key."),
]


@audit_app.command()
def verify(
    database: DatabaseUrl = DEFAULT_URL,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint that was kept elsewhere; may be given again."),
    ] = None,
    key: KeyFile = DEFAULT_KEY,
    public_key: Annotated[
        list[Path] | None,
        typer.Option(help="A public key (PEM) to believe besides; may be given again."),
    ] = None,
) -> None:
    """Read the whole log and name every row that was changed, removed, inserted or moved.

    Exit code 0: nothing found; 1: tampering, named; 2: the question cannot be answered.
    """
    try:
        keys = [verify_key(path) for path in public_key or []]
        if key.exists():
            keys.append(verify_key(key))
        given = [parse_checkpoint(path.read_bytes()) for path in checkpoint or []]
        with Database(database).read() as session:
            if not keys and (given or checkpoints(session)):
                raise typer.BadParameter(
                    f"there are checkpoints, but no key to check them with: {key} does not exist"
                )
            report = verify_log(session, keys=keys, checkpoints=given)
    except (*_BAD_INPUT_ERRORS, typer.BadParameter) as error:
        raise _bad_input(error) from error
    _print(report)
    if not report.ok:
        raise typer.Exit(TAMPERED)


@audit_app.command()
def checkpoint(
    database: DatabaseUrl = DEFAULT_URL,
    key: KeyFile = DEFAULT_KEY,
    out: Annotated[
        Path | None, typer.Option(help="Write it to this file, to be kept elsewhere.")
    ] = None,
) -> None:
    """Sign where the log stands. Keep the result where nobody who can change the database is."""
    try:
        signer = signing_key(key)
        with Database(database).write() as session:
            point = set_checkpoint(session, signer, utcnow())
        if out is not None:
            out.write_text(point.to_json(), "utf-8")
    except LogTampered as error:
        for finding in error.findings:
            typer.echo(finding)
        raise typer.Exit(TAMPERED) from error
    except _BAD_INPUT_ERRORS as error:
        raise _bad_input(error) from error
    if out is None:
        typer.echo(point.to_json(), nl=False)
    else:
        typer.echo(f"checkpoint at row {point.seq} written to {out}")


@audit_app.command("public-key")
def public_key(key: KeyFile = DEFAULT_KEY) -> None:
    """Print the public key (PEM) that an auditor checks checkpoints with."""
    try:
        typer.echo(signing_key(key).verify_key.pem().decode(), nl=False)
    except SuggestError as error:
        raise _bad_input(error) from error


def _print(report: Report) -> None:
    for finding in report.findings:
        typer.echo(f"{finding.kind}: {finding.message}")
    if report.left_out:
        typer.echo(f"and {report.left_out} more")
    verdict = "ok" if report.ok else "TAMPERED"
    typer.echo(
        f"{verdict}: {report.events} events, head {report.head.seq} {report.head.hash}, "
        f"{report.checkpoints} checkpoints"
    )


def _bad_input(error: Exception) -> typer.Exit:
    # Only the driver's own words: SQLAlchemy's add the statement and its parameters.
    message = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    typer.echo(f"cannot be answered: {message}", err=True)
    return typer.Exit(BAD_INPUT)
