"""The command line as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

NOTE = "ASSESSMENT\r\nType 2 diabetes with stage 4 CKD. Right knee pain.\r\n"


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    program = "from suggest.cli import main; main()"
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def test_code_prints_a_table_and_json(tmp_path: Path) -> None:
    table = run("code", "-", stdin=NOTE.encode())
    assert table.returncode == 0
    assert b"M25.561" in table.stdout
    file = tmp_path / "note.txt"
    file.write_bytes(NOTE.encode())
    found = json.loads(run("code", str(file), "--format", "json", "--top", "3").stdout)
    assert len(found) == 3
    for suggestion in found:
        for evidence in suggestion["evidence"]:
            assert NOTE[evidence["start"] : evidence["end"]] == evidence["text"]


def test_bad_input_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    broken = tmp_path / "broken.txt"
    broken.write_bytes(b"ok \xff")
    for arguments, word in (
        (("code", str(tmp_path / "none.txt")), b"none.txt"),
        (("code", str(broken)), b"byte 3"),
        (("code", "-", "--date", "yesterday"), b"YYYY-MM-DD"),
        (("codes", "show", "ZZZ"), b"ZZZ"),
    ):
        done = run(*arguments, stdin=b"x")
        assert done.returncode == 2, arguments
        assert word in done.stderr
        assert done.stderr.count(b"\n") == 1


def test_batch_keeps_order_reports_bad_lines_and_resumes(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    lines = [json.dumps({"id": n, "text": NOTE}) for n in range(40)]
    lines[7] = "{no json"
    lines[9] = json.dumps({"id": "nine", "text": NOTE, "encounter": {"age": -1}})
    source.write_text("\n".join(lines) + "\n", "utf-8")
    first = run("batch", str(source), str(target))
    assert first.returncode == 0, first.stderr
    assert b"line 8" in first.stderr
    whole = target.read_bytes()
    rows = [json.loads(line) for line in whole.splitlines()]
    expected: list[object] = list(range(40))
    expected[7], expected[9] = None, "nine"
    assert [r["id"] for r in rows] == expected
    assert rows[7]["error"]["type"] == "/problems/malformed-json"
    assert "age" in rows[9]["error"]["detail"]
    assert rows[0]["suggestions"][0]["code"]
    assert rows[0]["model"].startswith("default-")
    # A run that was stopped in the middle of a line goes on and ends the same.
    target.write_bytes(whole[: len(whole) // 2])
    assert run("batch", str(source), str(target)).returncode == 0
    assert target.read_bytes() == whole
