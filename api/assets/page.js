// Makes the pages pleasanter; they work without it. It never submits a form: mail scanners run
// scripts too, and only a person's click may use up a link.
"use strict";

const find = (selector) => document.querySelector(selector);
const use = find("#use");
const ask = find("#ask");

// Two ways on: use the link, or ask for one. The likelier comes first, without its headline.
function lead(way, other) {
  way.parentNode.prepend(way);
  way.open = true;
  other.open = false;
  way.querySelector("summary").hidden = true;
  other.querySelector("summary").hidden = false;
}

// The token travels in the fragment, which no server sees: into the form, and out of the address bar.
function takeToken() {
  const token = location.hash.slice(1);
  if (!token) return false;
  history.replaceState(null, "", location.pathname);
  find("[name=token]").value = token;
  find("[data-code]")?.setAttribute("hidden", "");
  if (ask) lead(use, ask);
  return true;
}

if (use && !takeToken() && ask && !find("[name=token]").value && !find("[aria-invalid]")) {
  lead(ask, use); // Opened without a link.
}

// Another link pasted into this tab only changes the fragment. A page that shows a result has no
// form for it; the empty query makes the browser load the page anew.
addEventListener("hashchange", () => {
  if (use) takeToken();
  else if (location.hash) location.replace(`${location.pathname}?${location.hash}`);
});

const password = find("#password");
if (password) {
  const reveal = find(".reveal");
  const show = (shown) => {
    password.type = shown ? "text" : "password";
    reveal.setAttribute("aria-pressed", shown);
  };
  reveal.hidden = false;
  reveal.addEventListener("click", () => show(password.type === "password"));
  // Sent in the clear type, it could end up among the browser's remembered entries.
  password.form.addEventListener("submit", () => show(false));

  const count = find("#count");
  count.hidden = false;
  let pause;
  password.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      const length = [...password.value.normalize("NFC")].length;
      const missing = Number(password.dataset.min) - length;
      count.classList.toggle("enough", length > 0 && missing <= 0);
      if (length === 0) count.textContent = "";
      else if (missing > 0) count.textContent = `${missing} more ${missing === 1 ? "character" : "characters"} needed`;
      else count.textContent = "Long enough";
    }, 250);
  });
}

// One click, one request. A stopped load or a step back must not leave a dead button behind.
const wake = () => document.querySelectorAll("[type=submit]").forEach((button) => (button.disabled = false));
addEventListener("submit", (event) => {
  event.submitter.disabled = true;
  setTimeout(wake, 10_000);
});
addEventListener("pageshow", wake);
