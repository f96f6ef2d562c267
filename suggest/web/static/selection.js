// Text that a coder selects in a note, as a span of code points of the text as submitted.

const PAIR = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g;

/** How many code points a JavaScript string (UTF-16) has. */
export const codePoints = (text) => text.length - (text.match(PAIR)?.length ?? 0);

/** The text under a node without the words that are only for screen readers. */
function plain(fragment) {
  for (const extra of fragment.querySelectorAll("[data-skip]")) extra.remove();
  return fragment.textContent;
}

function textBefore(root, node, offset) {
  const range = document.createRange();
  range.setStart(root, 0);
  range.setEnd(node, offset);
  return plain(range.cloneContents());
}

/** {v, start, end, text} of what is selected, or null; "mixed" where it leaves one note. */
export function selected() {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  const closest = (node) => (node.nodeType === 1 ? node : node.parentElement)?.closest(".note-text");
  const [from, to] = [closest(range.startContainer), closest(range.endContainer)];
  if (!from && !to) return null;
  if (from !== to) return "mixed";
  const raw = plain(range.cloneContents());
  const text = raw.trim();
  if (!text) return null;
  const before = textBefore(from, range.startContainer, range.startOffset);
  const start = codePoints(before) + codePoints(raw.slice(0, raw.indexOf(text)));
  return { v: Number(from.dataset.version), start, end: start + codePoints(text), text };
}

/** The words where they stand in a note for the n-th time (0 is first), lit up; or null. */
export function find(words, nth) {
  CSS.highlights?.delete("found");
  const needle = words.trim().toLowerCase();
  if (needle.length < 2) return null;
  const places = [];
  for (const root of document.querySelectorAll(".note-text")) {
    const text = plain(root.cloneNode(true));
    const lower = text.toLowerCase();
    // Where lower case has another length, places would shift: then case counts.
    const hay = lower.length === text.length ? lower : text;
    const seek = lower.length === text.length ? needle : words.trim();
    for (let i = hay.indexOf(seek); i >= 0; i = hay.indexOf(seek, i + 1)) {
      places.push({ root, at: i, text: text.slice(i, i + seek.length), before: text.slice(0, i), after: text.slice(i + seek.length) });
    }
  }
  if (!places.length) return null;
  const place = places[((nth % places.length) + places.length) % places.length];
  mark(place);
  const start = codePoints(place.before);
  return {
    v: Number(place.root.dataset.version),
    start,
    end: start + codePoints(place.text),
    text: place.text,
    of: places.length,
    around: [place.before.slice(-40), place.after.slice(0, 40)],
  };
}

function mark({ root, at, text }) {
  const range = document.createRange();
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest("[data-skip]") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  let passed = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const end = passed + node.data.length;
    if (at >= passed && at < end) {
      range.setStart(node, at - passed);
      node.parentElement.scrollIntoView({ block: "center" });
    }
    if (at + text.length <= end) {
      range.setEnd(node, at + text.length - passed);
      break;
    }
    passed = end;
  }
  // Not as the selection: that would take the keys away from the field somebody types in.
  CSS.highlights?.set("found", new Highlight(range));
}

/** Show the button beside a selection that can become evidence. */
export function offer(button) {
  const found = selected();
  button.hidden = !found || found === "mixed";
  if (button.hidden) return;
  const box = getSelection().getRangeAt(0).getBoundingClientRect();
  const below = box.bottom + 6 + button.offsetHeight < innerHeight;
  button.style.left = `${Math.max(8, Math.min(box.left, innerWidth - button.offsetWidth - 8)) + scrollX}px`;
  button.style.top = `${(below ? box.bottom + 6 : box.top - button.offsetHeight - 6) + scrollY}px`;
}
