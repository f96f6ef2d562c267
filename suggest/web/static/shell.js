// What every page does: messages that can be closed, and news for screen readers.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (button) button.closest(".message").remove();
});

// A request that never reached the server must not look as if it had succeeded.
for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    say("error", "The server could not be reached: nothing was changed. Try again.");
  });
}

/** Show a message above the page; `kind` is done, warning or error. */
export function say(kind, text) {
  const words = { done: "Done:", warning: "Please note:", error: "Not done:" };
  const box = document.createElement("div");
  box.className = `message message-${kind}`;
  const line = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = words[kind];
  line.append(strong, " ", text);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "quiet";
  close.dataset.dismiss = "";
  close.textContent = "Close";
  box.append(line, close);
  document.getElementById("messages").replaceChildren(box);
}
