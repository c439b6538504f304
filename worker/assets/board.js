// Keeps the overview, traces and jobs current. Every page works without it.
"use strict";

const live = document.querySelector("[data-live]");
const health = document.querySelector("#health");

// Replaces content and restores focus, scroll positions and open details. Does nothing while a button or a
// text has the focus. Returns whether it replaced anything.
function swap(region, children) {
  if (region.matches(":active") || String(getSelection())) return false;
  const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
  const scrolled = [...region.querySelectorAll(".scroll[id]")].map((inner) => [inner.id, inner.scrollLeft]);
  const opened = [...region.querySelectorAll("details[id]")].map((inner) => [inner.id, inner.open]);
  region.replaceChildren(...children);
  for (const [id, open] of opened) {
    const inner = document.getElementById(id);
    if (inner) inner.open = open;
  }
  for (const [id, left] of scrolled) {
    const inner = document.getElementById(id);
    if (inner) inner.scrollLeft = left;
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  return true;
}

const parse = (html) => new DOMParser().parseFromString(html, "text/html");

// A screen reader reads every change of this text aloud, so it changes only with the news.
function announce(sentence, isWell) {
  const text = health.querySelector("span");
  if (text.textContent === sentence) return;
  text.textContent = sentence;
  health.classList.toggle("well", isWell);
  health.classList.toggle("bad", !isWell);
  health.querySelector("path").setAttribute("d", isWell ? "M5 12.5l4.5 4.5L19 7.5" : "M12 5v9M12 18.5v.5");
}

if (live) {
  const news = new EventSource(live.dataset.live);
  news.addEventListener("message", (event) => {
    if (!swap(live, parse(event.data).body.children)) return;
    const { sentence, well } = live.firstElementChild.dataset;
    announce(sentence, well === "true");
  });
}

// Fetches a job or trace every second until it has ended, but not while it has the keyboard focus.
async function follow(region) {
  while (region.dataset.followed === "true") {
    await new Promise((wake) => setTimeout(wake, 1_000));
    if (document.hidden || region.contains(document.activeElement)) continue;
    const answer = await fetch(location.href).catch(() => null);
    const fresh = answer?.ok && parse(await answer.text()).querySelector("[data-followed]");
    if (fresh && swap(region, fresh.childNodes)) region.dataset.followed = fresh.dataset.followed;
  }
}
document.querySelectorAll("[data-followed]").forEach(follow);

// One click, one request. A stopped load or a step back must not leave a dead button behind.
const wake = () => document.querySelectorAll("button").forEach((button) => (button.disabled = false));
addEventListener("submit", (event) => {
  // After the form was read: a button's own value goes with it.
  setTimeout(() => event.submitter && (event.submitter.disabled = true));
  setTimeout(wake, 10_000);
});
addEventListener("pageshow", wake);
