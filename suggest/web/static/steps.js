// Steps on their way to the server: one after the other, shown before they arrive.
//
// A decision is drawn at once and its request waits for the one before, because each carries the
// version that the one before made. What the server refuses is taken back and said.

import { say } from "./shell.js";

const waiting = []; // {path, values, id, state, done}
const drawn = new Map(); // entry id -> the state drawn ahead of the server
let running = false;

/** Send a step. `id` and `state`: the entry to draw as decided already. */
export function send(path, values, { id = null, state = null } = {}) {
  performance.mark("step");
  if (id && state) {
    drawn.set(id, state);
    draw(id, state);
    measure("step drawn");
  }
  waiting.push({ path, values, id });
  if (!running) run();
}

export const busy = () => running;

async function run() {
  running = true;
  while (waiting.length) {
    const step = waiting.shift();
    let ok = false;
    try {
      ok = await post(step);
    } catch {
      say("error", "The server could not be reached: nothing was changed. Try again.");
    }
    if (!ok) {
      // What stood behind a step that failed was meant for a page that is not there.
      waiting.length = 0;
      drawn.clear();
      await refresh();
    }
  }
  running = false;
}

async function post({ path, values, id }) {
  const body = new URLSearchParams(values);
  const version = document.getElementById("version");
  if (version) body.set("version", version.value);
  const answer = await fetch(path, { method: "POST", body, headers: { "HX-Request": "true" } });
  const to = answer.headers.get("HX-Redirect");
  if (to) {
    location.assign(to);
    return new Promise(() => {}); // the page goes away
  }
  if (answer.status === 204) return true;
  const text = await answer.text();
  if (id) drawn.delete(id);
  if (answer.ok) show(text);
  else tell(text);
  return answer.ok;
}

/** The codes as the server has them, after a step that failed. */
async function refresh() {
  const url = document.getElementById("bench").dataset.url;
  const answer = await fetch(`${url}/codes?again=1`, { headers: { "HX-Request": "true" } });
  if (answer.ok && answer.status !== 204) {
    const messages = [...document.getElementById("messages").childNodes];
    show(await answer.text());
    document.getElementById("messages").replaceChildren(...messages);
  }
}

function show(text) {
  const scroll = document.getElementById("codes-body")?.scrollTop ?? 0;
  htmx.swap("#codes", text, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
  document.getElementById("codes-body").scrollTop = scroll;
  for (const [id, state] of drawn) draw(id, state);
  document.dispatchEvent(new CustomEvent("bench:shown"));
  measure("step shown");
}

/** Say what went wrong: in the open dialog, which lies over the page, or above the page. */
function tell(text) {
  const dialog = document.querySelector("dialog[open]");
  let box = document.getElementById("messages");
  if (dialog) {
    box = dialog.querySelector(".dialog-message") ?? document.createElement("div");
    box.className = "dialog-message";
    dialog.prepend(box);
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  box.replaceChildren(...page.body.childNodes);
}

function draw(id, state) {
  const entry = document.getElementById(`entry-${id}`);
  if (!entry || entry.dataset.state === state) return;
  const counted = document.querySelector("#count b");
  if (entry.dataset.state === "undecided" && counted) counted.textContent = Number(counted.textContent) - 1;
  entry.classList.remove(`is-${entry.dataset.state}`);
  entry.classList.add(`is-${state}`, "ahead");
  entry.dataset.state = state;
  const tag = document.createElement("span");
  tag.className = `tag ${state === "accepted" ? "tag-good" : "tag-bad"}`;
  tag.textContent = state;
  entry.querySelector(".flags").prepend(tag);
}

function measure(name) {
  if (performance.getEntriesByName("step").length) performance.measure(name, "step");
}
