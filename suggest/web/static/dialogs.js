// The dialogs: reject with a reason, the code book, sign, keys.

import { find } from "./selection.js";

const bench = document.getElementById("bench");
const url = bench.dataset.url;
const $ = (id) => document.getElementById(id);

export let spans = []; // the selected text that goes with what the code book adds
let nth = 0;

export function close() {
  document.querySelector("dialog[open]")?.close();
}

/** Ask why the entry is rejected. */
export function openReject(entry) {
  const dialog = $("reject");
  dialog.querySelector("[data-fill=code]").textContent = entry.dataset.code;
  dialog.querySelector("form").action = `${url}/codes/${entry.dataset.entry}`;
  for (const input of dialog.querySelectorAll("input[name=text]")) input.value = "";
  dialog.showModal();
  dialog.querySelector("button[data-key]")?.focus();
}

/** The code book: to look up, to add a code (with selected text), or to replace the entry. */
export function openBook({ mode, entry = null, picked = null, query = "", code = null }) {
  const dialog = $("book");
  const form = dialog.querySelector("form[role=search]");
  form.elements.mode.value = mode;
  form.elements.entry.value = entry?.dataset.entry ?? "";
  $("book-title").textContent = {
    look: "Code book",
    add: "Add a code",
    replace: `Replace ${entry?.dataset.code} by another code`,
  }[mode];
  $("find-words").hidden = mode !== "add" || picked !== null;
  $("find-text").value = "";
  pick(picked);
  const field = $("book-q");
  field.value = query;
  $("book-results").replaceChildren();
  $("book-code").replaceChildren();
  dialog.showModal();
  if (mode === "add" && picked === null && query === "") field.focus();
  else field.select();
  if (query) htmx.trigger(form, "look");
  if (code) {
    const asked = `mode=${mode}&entry=${entry?.dataset.entry ?? ""}`;
    htmx.ajax("GET", `${url}/book/${encodeURIComponent(code)}?${asked}`, { target: "#book-code", swap: "innerHTML" });
  }
}

/** Load what would be signed, or what is missing, and show it. */
export async function openSign() {
  await htmx.ajax("GET", `${url}/sign`, { target: "#sign-body", swap: "innerHTML" });
  if (!$("sign").open && $("sign-body").childElementCount) $("sign").showModal();
}

export function openHelp() {
  $("help").showModal();
}

function pick(picked) {
  spans = picked ? [{ v: picked.v, start: picked.start, end: picked.end }] : [];
  $("picked").hidden = !picked;
  const which = picked?.of > 1 ? ` (${(nth % picked.of) + 1} of ${picked.of}, Enter: the next)` : "";
  const [before, after] = picked?.around ?? ["", ""];
  const exact = document.createElement("b");
  exact.textContent = picked?.text ?? "";
  $("picked").replaceChildren(before.replace(/\s+/g, " "), exact, after.replace(/\s+/g, " ") + which);
}

// Evidence without a mouse: the words as they stand in the note.
$("find-text").addEventListener("input", (event) => {
  nth = 0;
  pick(find(event.target.value, nth));
});
$("find-text").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  nth += event.shiftKey ? -1 : 1;
  pick(find(event.target.value, nth));
});

$("book").addEventListener("close", () => find("", 0)); // puts the light out

// In the list of hits: arrows move, Enter takes.
$("book-q").addEventListener("keydown", (event) => {
  const hits = [...document.querySelectorAll("#book-results .hits li")];
  const at = hits.findIndex((hit) => hit.classList.contains("current"));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (to !== undefined && hits.length) {
    event.preventDefault();
    hits[at]?.classList.remove("current");
    const hit = hits[Math.max(0, Math.min(hits.length - 1, to))];
    hit.classList.add("current");
    hit.scrollIntoView({ block: "nearest" });
    hit.querySelector("a").dispatchEvent(new CustomEvent("peek"));
  } else if (event.key === "Enter" && at >= 0) {
    event.preventDefault();
    const button = hits[at].querySelector(".choose button");
    if (button) button.click();
    else hits[at].querySelector("a").click();
  }
});

// One key a reason.
$("reject").addEventListener("keydown", (event) => {
  if (event.target.closest("input") || event.ctrlKey || event.altKey || event.metaKey) return;
  const button = $("reject").querySelector(`button[data-key="${CSS.escape(event.key)}"]`);
  if (button) button.click();
  else if (event.key === "t") $("reject").querySelector("input[name=text]")?.focus();
  else return;
  event.preventDefault();
});
$("reject").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input[name=text]")) return;
  event.preventDefault();
  event.target.closest(".other").querySelector("button").click();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) close();
});
