// Second review by keyboard: j and k move, a belongs, r does not, c comments, e shows evidence.

import { plainKey } from "./keys.js";

let at = 0;
let shown = -1;

const codes = () => [...document.querySelectorAll(".judge")];

function go(to) {
  const all = codes();
  if (!all.length) return;
  at = Math.max(0, Math.min(all.length - 1, to));
  shown = -1;
  all[at].focus({ preventScroll: true });
  all[at].scrollIntoView({ block: "nearest" });
}

function marksOf(code) {
  const owner = code.dataset.owner;
  return [...document.querySelectorAll(".mk[data-owners]")].filter((mark) =>
    mark.dataset.owners.split(" ").includes(owner),
  );
}

function evidence() {
  const marks = codes().length ? marksOf(codes()[at]) : [];
  document.querySelectorAll(".mk.is-current").forEach((mark) => mark.classList.remove("is-current"));
  if (!marks.length) return;
  shown = (shown + 1) % marks.length;
  marks[shown].classList.add("is-current");
  marks[shown].scrollIntoView({ block: "center" });
}

function press(selector) {
  codes()[at]?.querySelector(selector)?.click();
}

document.addEventListener("focusin", (event) => {
  const code = event.target.closest(".judge");
  if (code && codes().indexOf(code) !== at) {
    at = codes().indexOf(code);
    shown = -1;
  }
});

function act(key) {
  if (key === "j") go(at + 1);
  else if (key === "k") go(at - 1);
  else if (key === "a") press(".yes");
  else if (key === "r") press(".no");
  else if (key === "c") codes()[at]?.querySelector("input[name=comment]")?.focus();
  else if (key === "e") evidence();
  else if (key === "/") document.getElementById("search")?.focus();
  else return false;
  return true;
}

// Keys that come faster than the answers wait for them: each is meant for the code it comes to.
const waiting = [];
let busy = false;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter") {
    document.querySelector("#finish button:not(:disabled)")?.form.requestSubmit();
    return;
  }
  if (event.key === "Escape" && event.target.closest("#codes input")) return go(at);
  const key = plainKey(event);
  if (busy && key) waiting.push(key);
  else if (!act(key)) return;
  event.preventDefault();
});

const judges = (event) => event.target.closest?.("form.row, .hits");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (judges(event)) busy = true;
});
document.addEventListener("htmx:afterRequest", () => {
  busy = false;
  while (!busy && waiting.length) act(waiting.shift());
});

// After a judgement the next code that is open comes next.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id !== "codes" || !busy) return;
  const all = codes();
  const open = all.findIndex((c, i) => i >= at && !c.matches(".is-yes, .is-no"));
  go(open >= 0 ? open : at);
});

if (location.hash) go(codes().findIndex((c) => `#${c.id}` === location.hash));
else go(Math.max(0, codes().findIndex((c) => !c.matches(".is-yes, .is-no"))));
