// Improves the pages, which also work without it. Never submits a form: mail scanners run scripts,
// too, and only a person's click may use a link.
"use strict";

const find = (selector) => document.querySelector(selector);
const use = find("#use");
const ask = find("#ask");

// The page offers two options: use the link, or request a new one. With a link, the first one is open
// and has no headline.
function lead(way, other) {
  way.parentNode.prepend(way);
  way.open = true;
  other.open = false;
  way.querySelector("summary").hidden = true;
  other.querySelector("summary").hidden = false;
}

// Moves the token from the fragment, which no server sees, into the form.
function takeToken() {
  const token = location.hash.slice(1);
  if (!token) return false;
  history.replaceState(null, "", location.pathname);
  find("[name=token]").value = token;
  find("[data-code]")?.setAttribute("hidden", "");
  if (ask) lead(use, ask);
  return true;
}

if (use) takeToken();

// Pasting another link into this tab only changes the fragment. A page with a result has no form for
// it, so load the page again: the empty query makes it another URL.
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
  // Submitted as text, the password could end up in the browser's autocomplete entries.
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

// One click sends one request. Stopping the load or going back enables the button again.
const enable = () => document.querySelectorAll("[type=submit]").forEach((button) => (button.disabled = false));
addEventListener("submit", (event) => {
  event.submitter.disabled = true;
  setTimeout(enable, 10_000);
});
addEventListener("pageshow", enable);
