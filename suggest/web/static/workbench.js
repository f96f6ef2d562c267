// The workbench by keyboard and mouse. Every step is a form of the page; the server decides.

import * as dialogs from "./dialogs.js";
import * as entries from "./entries.js";
import { effortOf, goTo, nextMark, watch } from "./evidence.js";
import { plainKey } from "./keys.js";
import { offer, selected } from "./selection.js";
import { say } from "./shell.js";
import { busy, send } from "./steps.js";

const bench = document.getElementById("bench");
const url = bench.dataset.url;
const mayDecide = bench.dataset.mayDecide === "1";
const addButton = document.getElementById("add-selection");
const BEAT = 60_000; // milliseconds between two words to the server that somebody works here

let lastKey = 0;
let fromTheTop = false; // show the list from its beginning when it comes
let movingId = null; // the entry that m took hold of
document.documentElement.classList.add("js");

// ---- What the keys do

const keys = {
  j: () => (moving() ? move(1) : entries.step(1)),
  k: () => (moving() ? move(-1) : entries.step(-1)),
  ArrowDown: () => moving() && move(1),
  ArrowUp: () => moving() && move(-1),
  Enter: () => stopMoving(),
  Escape: () => stopMoving(),
  e: () => evidence(1),
  E: () => evidence(-1),
  a: () => press(".decide button[value=accept]"),
  p: () => press(".decide button[value=principal]"),
  r: () => press("[data-open=reject]"),
  c: () => press("[data-open=replace]"),
  b: () => press("[data-open=position]"),
  w: () => toggle(".reasons-why"),
  o: () => entries.current()?.querySelector(".poa select")?.focus(),
  m: () => startMoving(),
  u: () => document.querySelector("#undo")?.requestSubmit(),
  n: () => addFromSelection(),
  q: () => document.querySelector(".head-actions a[href$='/queries']")?.click(),
  "/": () => dialogs.openBook({ mode: mayDecide ? "add" : "look" }),
  "?": () => dialogs.openHelp(),
};

document.addEventListener("keydown", (event) => {
  lastKey = Date.now();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    sign();
    return;
  }
  const key = plainKey(event);
  if (key) clearMessages();
  const act = Object.hasOwn(keys, key) ? keys[key] : null;
  // Enter and the arrows keep their own meaning on links, buttons and in the note.
  const own = ["Enter", "ArrowUp", "ArrowDown", "Escape"].includes(key);
  if (!act || (own && !moving())) return;
  event.preventDefault();
  act();
});
document.addEventListener("pointerdown", () => (lastKey = Date.now()));

/** What was said of an earlier step goes with the next key, unless it offers a way on. */
function clearMessages() {
  for (const message of document.querySelectorAll("#messages .message")) {
    if (!message.querySelector("a")) message.remove();
  }
}

function press(what) {
  const entry = entries.current();
  const control = entry?.querySelector(what);
  if (control) control.click();
  else if (entry && mayDecide) say("warning", `This does not apply to ${entry.dataset.code} as it stands.`);
}

function evidence(by) {
  const entry = entries.current();
  if (entry && !nextMark(entry, by)) say("warning", `${entry.dataset.code} has no text in the notes.`);
}

function toggle(what) {
  const details = entries.current()?.querySelector(what);
  if (details) details.open = !details.open;
}

function addFromSelection() {
  if (!mayDecide) return;
  const picked = selected();
  if (picked === "mixed") say("warning", "The selection leaves the note: select within one note.");
  else if (!picked) dialogs.openBook({ mode: "add" });
  else dialogs.openBook({ mode: "add", picked, query: picked.text.slice(0, 120).replace(/\s+/g, " ") });
  addButton.hidden = true;
}

function sign() {
  const form = document.querySelector("dialog#sign[open] #sign-form");
  if (form) form.requestSubmit(form.querySelector("button[value=next]"));
  else if (document.getElementById("sign-link") && !document.querySelector("dialog[open]")) dialogs.openSign();
}

// ---- Moving a code in the order

const moving = () => document.querySelector("#codes .entry.moving");

function startMoving() {
  const entry = entries.current();
  if (entry?.dataset.state !== "accepted") return say("warning", "Only accepted codes have an order.");
  entry.classList.add("moving");
  movingId = entry.dataset.entry;
  tell(`Moving ${entry.dataset.code}: j and k, Enter ends.`);
}

function stopMoving() {
  moving()?.classList.remove("moving");
  movingId = null;
}

function move(by) {
  moving().querySelector(`.move button:nth-of-type(${by < 0 ? 1 : 2}):not(:disabled)`)?.click();
}

// ---- What the mouse does

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    open(opener);
    return;
  }
  const jump = event.target.closest("[data-jump]");
  if (jump) {
    entries.select(jump.closest(".entry"), { focus: false, jump: false });
    goTo(jump.dataset.jump);
    return;
  }
  const mark = event.target.closest("#notes mark[data-entries]");
  if (mark && !getSelection().toString()) {
    const ids = mark.dataset.entries.split(" ");
    const next = ids[(ids.indexOf(entries.current()?.dataset.entry) + 1) % ids.length];
    entries.select(entries.byId(next), { focus: false, jump: false });
    return;
  }
  const entry = event.target.closest("#codes .entry");
  if (entry && !entry.classList.contains("current")) entries.select(entry, { focus: false });
});

document.addEventListener("focusin", (event) => {
  const entry = event.target.closest?.("#codes .entry");
  if (entry && !entry.classList.contains("current")) entries.select(entry, { focus: false });
});

function open(opener) {
  const entry = opener.closest(".entry");
  const what = opener.dataset.open;
  if (what === "reject") dialogs.openReject(entry);
  else if (what === "replace") dialogs.openBook({ mode: "replace", entry, query: category(entry), code: entry.dataset.code });
  else if (what === "position") {
    const mode = mayDecide && entry.dataset.state !== "replaced" ? "replace" : "look";
    dialogs.openBook({ mode, entry, query: category(entry), code: entry.dataset.code });
  } else if (what === "book") dialogs.openBook({ mode: mayDecide ? "add" : "look" });
  else if (what === "sign") dialogs.openSign();
  else dialogs.openHelp();
}

const category = (entry) => entry.dataset.code.slice(0, 3);

addButton.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the selection
addButton.addEventListener("click", addFromSelection);
document.addEventListener("selectionchange", () => {
  clearTimeout(offer.timer);
  offer.timer = setTimeout(() => mayDecide && offer(addButton), 150);
});
document.getElementById("notes").addEventListener("scroll", () => (addButton.hidden = true), { passive: true });

// ---- Steps to the server and back

const DECIDED = { accept: "accepted", reject: "rejected" };

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-step]");
  if (!form) return;
  event.preventDefault();
  const given = new FormData(form, event.submitter);
  if (event.submitter?.hasAttribute("data-needs-text") && !String(given.get("text")).trim()) {
    form.querySelector("input[name=text]").focus();
    return;
  }
  submit(new URL(form.action).pathname, given);
});
// A letter chooses the POA and gives the keys back to the entry; after arrows Enter or Escape does.
let byArrow = false;
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.(".poa select")) return;
  byArrow = event.key.startsWith("Arrow");
  if (event.key === "Enter" || event.key === "Escape") event.target.closest(".entry").focus();
});
document.addEventListener("change", (event) => {
  if (!event.target.matches(".poa select")) return;
  const entry = event.target.closest(".entry");
  event.target.form.requestSubmit();
  if (!byArrow) entry.focus({ preventScroll: true });
});

function submit(path, given) {
  const id = path.match(/\/codes\/(\d+)$/)?.[1] ?? null;
  const entry = entries.byId(id);
  const what = given.get("do");
  if (entry && ["accept", "reject", "replace"].includes(what)) {
    for (const [name, value] of Object.entries(effortOf(entry))) given.set(name, value);
  }
  if (what === "replace" || path.endsWith("/codes")) given.set("spans", JSON.stringify(dialogs.spans));
  if (what === "reject") dialogs.close();
  fromTheTop = path.endsWith("/reveal"); // the comparison stands above the list
  if (fromTheTop) entries.forget();
  const state = DECIDED[what] ?? null;
  const next = state && entry ? entries.behind(entry) : null;
  send(path, given, { id: state ? id : null, state });
  if (next) entries.select(next);
}

document.addEventListener("bench:shown", () => {
  const body = document.getElementById("codes-body");
  const moved = document.querySelector("#codes .entry.moving") ? null : movingId;
  if (body.dataset.news) dialogs.close();
  watch();
  entries.restore(body.dataset.news);
  if (fromTheTop) body.scrollTop = 0;
  fromTheTop = false;
  if (moved) entries.byId(moved)?.classList.add("moving");
});

function tell(text) {
  document.getElementById("live").textContent = text;
}

// While somebody works here the encounter stays theirs; whoever went away lets it go by itself.
if (mayDecide && document.querySelector("#state form[action$='/release']")) {
  setInterval(() => {
    if (Date.now() - lastKey > BEAT || document.hidden || busy()) return;
    const csrf = document.querySelector("input[name=csrf_token]").value;
    send(`${url}/hold`, { beat: "1", csrf_token: csrf });
  }, BEAT);
}

watch();
entries.start();
