// The list of codes: which one is current, where j and k go, what comes next after a decision.

import { showMarks } from "./evidence.js";

let currentId = null;

export const all = () => [...document.querySelectorAll("#codes .entry")];
export const current = () => byId(currentId);
export const byId = (id) => (id ? document.getElementById(`entry-${id}`) : null);
const undecided = (entry) => entry.dataset.state === "undecided";

/** Make the entry current: unfolded, focused, its evidence lit in the note. */
export function select(entry, { focus = true, jump = true } = {}) {
  if (!entry) return;
  for (const other of document.querySelectorAll("#codes .entry.current")) {
    if (other !== entry) {
      other.classList.remove("current", "moving");
      other.removeAttribute("aria-current");
    }
  }
  currentId = entry.dataset.entry;
  entry.classList.add("current");
  entry.setAttribute("aria-current", "true");
  if (focus) entry.focus({ preventScroll: true });
  entry.scrollIntoView({ block: "nearest" });
  showMarks(entry, jump);
}

/** The next (1) or previous (-1) entry. */
export function step(by) {
  const list = all();
  const at = list.indexOf(current());
  select(list[Math.max(0, Math.min(list.length - 1, at < 0 ? 0 : at + by))]);
}

/** Where to go once the entry is decided: the next undecided, else one before, else stay. */
export function behind(entry) {
  const list = all();
  const at = list.indexOf(entry);
  return list.slice(at + 1).find(undecided) ?? list.slice(0, at).reverse().find(undecided) ?? entry;
}

/** Begin anew: no entry is current until the list is put in place again. */
export function forget() {
  currentId = null;
}

/** After the list was put in place anew. `news`: an entry that the server points at. */
export function restore(news) {
  const target = byId(news) ?? current() ?? all().find(undecided) ?? all()[0];
  const typing = document.activeElement?.closest?.("input, textarea, select");
  select(target, { focus: !typing && !document.querySelector("dialog[open]"), jump: Boolean(news) });
}

/** At the start: the entry in the address, or the first that is undecided. */
export function start() {
  const named = /^#entry-\d+$/.test(location.hash) ? document.querySelector(location.hash) : null;
  select(named ?? all().find(undecided) ?? all()[0], { jump: named !== null });
}
