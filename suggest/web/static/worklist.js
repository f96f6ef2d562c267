// The worklist by keyboard: j and k move, Enter opens, n takes the next encounter.

import { plainKey } from "./keys.js";

const rows = [...document.querySelectorAll("#worklist tbody tr")];
let at = -1;

function go(step) {
  if (!rows.length) return;
  at = Math.max(0, Math.min(rows.length - 1, at + step));
  const link = rows[at].querySelector("a");
  link.focus({ preventScroll: true });
  rows[at].scrollIntoView({ block: "nearest" });
}

document.addEventListener("focusin", (event) => {
  const row = event.target.closest("#worklist tbody tr");
  rows.forEach((r) => r.classList.toggle("current", r === row));
  if (row) at = rows.indexOf(row);
});

document.addEventListener("keydown", (event) => {
  const key = plainKey(event);
  if (key === "j") go(1);
  else if (key === "k") go(-1);
  else if (key === "n") document.getElementById("take-next")?.requestSubmit();
  else return;
  event.preventDefault();
});

// A click anywhere on the row opens it; the link itself stays a link.
for (const row of rows) {
  row.addEventListener("click", (event) => {
    if (!event.target.closest("a, button") && !getSelection().toString()) row.querySelector("a").click();
  });
}
