// Evidence in the note: lit for the current code, jumped to with e, and whether it was read.

const DWELL = 300; // milliseconds on the screen that count as read
const notes = () => document.getElementById("notes");
const read = new Set(); // ids of evidence that stood on the screen long enough
const onScreen = new Map(); // mark -> since when
let observer = null;
let at = -1; // which of the current code's marks e has reached
let shown = { id: null, since: 0 };

const marksOf = (entry) =>
  [...document.querySelectorAll("#notes mark[data-entries]")].filter((m) =>
    m.dataset.entries.split(" ").includes(entry.dataset.entry),
  );

const idsOf = (mark) => mark.dataset.evidence.split(" ");

/** Light the code's marks; scroll to the first where none is in sight. */
export function showMarks(entry, jump) {
  for (const mark of document.querySelectorAll("#notes mark.on, #notes mark.now")) {
    mark.classList.remove("on", "now");
  }
  const marks = marksOf(entry);
  for (const mark of marks) mark.classList.add("on");
  notes().classList.toggle("has-current", marks.length > 0);
  at = -1;
  if (shown.id !== entry.dataset.entry) shown = { id: entry.dataset.entry, since: performance.now() };
  if (jump && marks.length && !marks.some(inSight)) marks[0].scrollIntoView({ block: "center" });
}

/** The next (1) or previous (-1) piece of the code's evidence. */
export function nextMark(entry, by) {
  const starts = firstMarks(entry);
  if (!starts.length) return false;
  at = at < 0 && by < 0 ? starts.length - 1 : (at + by + starts.length) % starts.length;
  go(starts[at]);
  return true;
}

/** The piece of evidence with this id. */
export function goTo(evidenceId) {
  const mark = [...document.querySelectorAll("#notes mark[data-entries]")].find((m) =>
    idsOf(m).includes(String(evidenceId)),
  );
  if (mark) go(mark);
}

/** What the decision tells of itself: milliseconds, and the share of its evidence that was read. */
export function effortOf(entry) {
  const ids = entry.dataset.evidence.split(" ").filter(Boolean);
  const now = performance.now();
  for (const [mark, since] of onScreen) if (now - since >= DWELL) idsOf(mark).forEach((i) => read.add(i));
  const ms = shown.id === entry.dataset.entry ? Math.round(now - shown.since) : "";
  const seen = ids.length ? (ids.filter((i) => read.has(i)).length / ids.length).toFixed(3) : "";
  return { ms: String(ms), seen };
}

/** Watch which evidence comes onto the screen; again after the note was put in place anew. */
export function watch() {
  observer?.disconnect();
  onScreen.clear();
  observer = new IntersectionObserver(noticed, { root: null, threshold: 0.9 });
  for (const mark of document.querySelectorAll("#notes mark[data-entries]")) observer.observe(mark);
}

// A tab in the background shows nothing to anybody.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) onScreen.clear();
  else {
    shown.since = performance.now();
    watch();
  }
});

function noticed(entries) {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) onScreen.set(target, performance.now());
    else {
      if (performance.now() - (onScreen.get(target) ?? Infinity) >= DWELL) {
        idsOf(target).forEach((i) => read.add(i));
      }
      onScreen.delete(target);
    }
  }
}

function firstMarks(entry) {
  const ids = new Set(entry.dataset.evidence.split(" ").filter(Boolean));
  const found = [];
  for (const mark of marksOf(entry)) {
    const own = idsOf(mark).filter((i) => ids.has(i));
    if (own.some((i) => ids.delete(i))) found.push(mark);
  }
  return found;
}

function go(mark) {
  for (const other of document.querySelectorAll("#notes mark.now")) other.classList.remove("now");
  const ids = idsOf(mark);
  for (const m of document.querySelectorAll("#notes mark.on")) {
    if (idsOf(m).some((i) => ids.includes(i))) m.classList.add("now");
  }
  mark.classList.add("now");
  mark.scrollIntoView({ block: "center" });
}

function inSight(mark) {
  const box = mark.getBoundingClientRect();
  const pane = notes().getBoundingClientRect();
  return box.top >= pane.top + 30 && box.bottom <= pane.bottom;
}
