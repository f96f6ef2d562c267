// What a page must hold for WCAG 2.2 AA, as far as a script can see it; returns faults in words.
const faults = [];
const visible = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true });
const short = (e) => `${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""} ${(e.textContent || "").trim().slice(0, 40)}`;

// 1.3.1, 3.3.2, 4.1.2: every control has a name.
const named = (e) =>
  Boolean(
    e.getAttribute("aria-label")?.trim() ||
      (e.getAttribute("aria-labelledby") || "").split(" ").some((id) => document.getElementById(id)?.textContent.trim()) ||
      [...(e.labels || [])].some((label) => label.textContent.trim()) ||
      (!["INPUT", "SELECT", "TEXTAREA"].includes(e.tagName) && e.textContent.trim()) ||
      (e.type === "submit" && e.value),
  );
for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href], summary")) {
  if (visible(e) && !named(e)) faults.push(`no name: ${short(e)}`);
}

// 2.4.2, 3.1.1, 1.3.1: title, language, one main heading, unique ids.
if (!document.title.trim()) faults.push("no title");
if (!document.documentElement.lang) faults.push("no language");
const headings = [...document.querySelectorAll("h1")].filter(visible).length;
if (headings !== 1) faults.push(`${headings} main headings`);
const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
for (const id of new Set(ids)) if (ids.filter((x) => x === id).length > 1) faults.push(`id twice: ${id}`);
for (const e of document.querySelectorAll("th")) if (!e.hasAttribute("scope")) faults.push(`no scope: ${short(e)}`);

// 1.4.3: contrast of text with what lies behind it.
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
function rgba(color) {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
}
function behind(e) {
  const layers = [];
  for (let at = e; at; at = at.parentElement) {
    const color = rgba(getComputedStyle(at).backgroundColor);
    if (color[3] > 0) layers.push(color);
    if (color[3] === 1) break;
  }
  return layers.reverse().reduce((under, [r, g, b, a]) => under.map((u, i) => [r, g, b][i] * a + u * (1 - a)), [255, 255, 255]);
}
function luminance(rgb) {
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const seen = new Set();
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const e = node.parentElement;
  if (!node.data.trim() || seen.has(e) || !visible(e) || e.closest(":disabled, .hidden-words, script, style, .skip")) continue;
  seen.add(e);
  const style = getComputedStyle(e);
  const ground = behind(e);
  const [r, g, b, a] = rgba(style.color);
  const text = [r, g, b].map((v, i) => v * a + ground[i] * (1 - a));
  const [light, dark] = [luminance(text), luminance(ground)].sort((x, y) => y - x);
  const ratio = (light + 0.05) / (dark + 0.05);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${short(e)}`);
}

// 1.4.10: nothing runs out of the window at the side.
const over = document.documentElement.scrollWidth - innerWidth;
if (over > 1) faults.push(`${over} pixels wider than the window`);
return [...new Set(faults)];
