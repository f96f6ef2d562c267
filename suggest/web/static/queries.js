// Quotes for a physician query: from a selection, or found by the words that were typed.

import { plainKey } from "./keys.js";
import { say } from "./shell.js";
import { find, selected } from "./selection.js";

const form = document.getElementById("query");
const list = document.getElementById("indicators");
const words = document.getElementById("words");
let nth = 0;

function quote(found) {
  const value = `${found.v}:${found.start}:${found.end}`;
  const there = form.querySelector(`input[name=span][value="${value}"]`);
  if (there) there.checked = true;
  else {
    const item = document.createElement("li");
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), {
      type: "checkbox", name: "span", value, checked: true,
    });
    const text = document.createElement("q");
    text.textContent = found.text;
    label.append(box, " ", text);
    item.append(label);
    list.append(item);
  }
  form.dispatchEvent(new Event("quoted"));
}

function quoteSelection() {
  const found = selected();
  if (found === "mixed") say("warning", "The selection leaves one note: select within one.");
  else if (!found) say("warning", "Nothing is selected in a note.");
  else quote(found);
}

document.getElementById("quote")?.addEventListener("click", quoteSelection);
// A press on the button must not take the selection away first.
document.getElementById("quote")?.addEventListener("mousedown", (event) => event.preventDefault());

words?.addEventListener("input", () => (nth = 0));
words?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  const found = find(words.value, nth);
  if (!found) say("warning", "These words stand in no note.");
  else {
    nth += 1;
    quote(found);
    words.focus({ preventScroll: true });
  }
});

document.addEventListener("keydown", (event) => {
  if (plainKey(event) !== "q") return;
  quoteSelection();
  event.preventDefault();
});
