// Keeps the first page up to date; everything works without it.
"use strict";

const live = document.querySelector("[data-live]");
const verdict = document.querySelector("#verdict");

// Puts new content in place of the old, and the focus, what was scrolled and opened back.
function swap(html) {
  const focused = live.contains(document.activeElement) ? document.activeElement.id : "";
  const scrolled = [...live.querySelectorAll(".scroll[id]")].map((region) => [region.id, region.scrollLeft]);
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  live.replaceChildren(...fresh.children);
  for (const [id, left] of scrolled) {
    const region = document.getElementById(id);
    if (region) region.scrollLeft = left;
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

// A screen reader says what changes in here: so nothing does, unless it is news.
function say(sentence, isWell) {
  const text = verdict.querySelector("span");
  if (text.textContent === sentence) return;
  text.textContent = sentence;
  verdict.classList.toggle("well", isWell);
  verdict.classList.toggle("bad", !isWell);
  verdict.querySelector("path").setAttribute("d", isWell ? "M5 12.5l4.5 4.5L19 7.5" : "M12 5v9M12 18.5v.5");
}

if (live) {
  const news = new EventSource(live.dataset.live);
  news.addEventListener("message", (event) => {
    // Nobody's hand is on a button or a text while it is exchanged.
    if (live.matches(":active") || String(getSelection())) return;
    swap(event.data);
    const { sentence, well } = live.firstElementChild.dataset;
    say(sentence, well === "true");
  });
}

// One click, one request. A stopped load or a step back must not leave a dead button behind.
const wake = () => document.querySelectorAll("button").forEach((button) => (button.disabled = false));
addEventListener("submit", (event) => {
  // After the form was read: a button's own value goes with it.
  setTimeout(() => event.submitter && (event.submitter.disabled = true));
  setTimeout(wake, 10_000);
});
addEventListener("pageshow", wake);
