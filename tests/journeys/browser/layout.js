// Problems of the displayed page: one phrase each.
const problems = [];
const check = (holds, sentence) => holds || problems.push(sentence);
const all = (selector) => [...document.querySelectorAll(selector)];
const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length > 0;
const name = (one) => one.outerHTML.replace(/\s+/g, " ").slice(0, 90);

const { scrollWidth, clientWidth, lang } = document.documentElement;
check(scrollWidth <= clientWidth, `scrolls sideways: ${scrollWidth} of ${clientWidth} pixels`);
check(lang, "no language");
check(document.title.length > 3, "no title");
check(all("h1").length === 1, "not exactly one h1");

const ids = all("[id]").map((one) => one.id);
check(new Set(ids).size === ids.length, "an id is not unique");

// A finger needs more room than a mouse over a dense table (WCAG 2.2, 2.5.5 and 2.5.8).
const least = innerWidth < 720 || !document.querySelector("header.top") ? 44 : 24;
for (const one of all("button, summary, input:not([type=hidden]), select").filter(shown)) {
  const { width, height } = one.getBoundingClientRect();
  check(width >= least && height >= least, `too small to touch (${width} x ${height}): ${name(one)}`);
}
for (const one of all("input:not([type=hidden])")) {
  check(one.labels.length === 1, `no label: ${name(one)}`);
  const described = (one.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
  const descriptions = described.map((id) => document.getElementById(id));
  check(!descriptions.includes(null), `described by nothing: ${name(one)}`);
  const says = descriptions.some((other) => other?.getAttribute("role") === "alert");
  check(says === one.matches("[aria-invalid=true]"), `invalid without a reason: ${name(one)}`);
}
for (const one of all("input[name=password]")) {
  check(one.autocomplete === "new-password", `no place for a password manager: ${name(one)}`);
}

// WCAG 2.2, 1.4.3: text has 4.5 times the luminance of its background, or the reverse.
const luminance = (color) => {
  const [r, g, b] = color.match(/[\d.]+/g).map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const background = (one) => {
  for (let at = one; at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    if (!/^rgba\(.*, 0\)$/.test(color)) return color;
  }
  return getComputedStyle(document.documentElement).colorScheme === "dark" ? "rgb(0, 0, 0)" : "rgb(255, 255, 255)";
};
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const one = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || !shown(one) || one.closest("noscript")) continue;
  const [dark, bright] = [luminance(getComputedStyle(one).color), luminance(background(one))].sort((a, b) => a - b);
  const contrast = (bright + 0.05) / (dark + 0.05);
  check(contrast >= 4.5, `hard to read (${contrast.toFixed(1)}): ${name(one)}`);
}
return problems;
