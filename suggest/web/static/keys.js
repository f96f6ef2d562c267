// Keys that do something only while nobody is typing.

const TYPING = "input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]";

/** The key without Ctrl, Alt or Meta, or "" while typing or while a dialog is open. */
export function plainKey(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return "";
  if (event.isComposing || event.target.closest?.(TYPING)) return "";
  if (document.querySelector("dialog[open]")) return "";
  return event.key;
}
