// Improves the pages, which also work without it. Never submits a form: mail scanners run scripts,
// too, and only a person's click may use a link.
"use strict";

const find = (selector) => document.querySelector(selector);
const use = find("#use");
const ask = find("#ask");

// Keeps the token in this tab, over reload, back and a lost network. Browsers can forbid it.
const kept = {
  get() {
    try {
      return sessionStorage.getItem(location.pathname);
    } catch {
      return null;
    }
  },
  set(token) {
    try {
      if (token) sessionStorage.setItem(location.pathname, token);
      else sessionStorage.removeItem(location.pathname);
    } catch {
      // The email still has it.
    }
  },
};

// Moves the token from the fragment, which no server sees, into the form.
function takeToken() {
  const field = find("[name=token]");
  const isNew = !field.value && !find("[aria-invalid]");
  const token = location.hash.slice(1) || (isNew && kept.get());
  if (!token) return isNew;
  kept.set(token);
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  field.value = token;
  find("[data-code]")?.setAttribute("hidden", "");
  find("#show")?.removeAttribute("hidden");
  if (ask) {
    ask.open = false;
    use.open = true;
    use.querySelector("summary").hidden = true;
  }
  return false;
}

// Opened without a link, the page offers both: to use a code, and to request a link.
if (use && takeToken() && ask) ask.open = true;
if (find("[data-spent]")) kept.set(null);

find("#show")?.addEventListener("formdata", ({ formData }) => {
  formData.set("token", find("[name=token]").value);
});

// The same page in another language has the same link.
function keepToken() {
  const token = find("[name=token]")?.value;
  if (token) document.querySelectorAll(".languages a").forEach((link) => (link.hash = token));
}
keepToken();

// Pasting another link into this tab only changes the fragment. A page with a result has no form for
// it, so load the page again: one more separator in the query makes it another URL.
addEventListener("hashchange", () => {
  if (use) {
    takeToken();
    keepToken();
  } else if (location.hash) {
    location.replace(`${location.pathname}${location.search ? `${location.search}&` : "?"}${location.hash}`);
  }
});

// An error disappears when its field changes.
addEventListener("input", ({ target }) => {
  find(".notice")?.remove();
  if (!target.matches("[aria-invalid]")) return;
  const problem = target.closest(".row").querySelector(".problem");
  target.removeAttribute("aria-invalid");
  target.setAttribute("aria-describedby", target.getAttribute("aria-describedby").replace(problem.id, "").trim());
  problem.remove();
  if (!find("[aria-invalid]")) document.title = `${find("h1").textContent} · ${find("header span").textContent}`;
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

  const count = find("#count");
  // One text for each number of missing characters, in the plural form of the language.
  const texts = count.dataset.missing.split("|");
  let pause;
  const length = () => [...password.value.normalize("NFC")].length;
  const missing = () => Number(password.dataset.min) - length();
  password.form.addEventListener("submit", (event) => {
    // Submitted as text, the password could end up in the browser's autocomplete entries.
    show(false);
    if (missing() <= 0) return;
    // The server would refuse it with these words, and empty the field.
    event.preventDefault();
    password.value = "";
    count.textContent = "";
    if (!password.matches("[aria-invalid]")) {
      password.parentNode.before(find("#too-short").content.cloneNode(true));
      password.setAttribute("aria-invalid", "true");
      password.setAttribute("aria-describedby", "password-hint password-problem");
    }
    password.focus();
  });

  count.hidden = false;
  password.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(() => {
      const lacks = missing();
      count.classList.toggle("enough", length() > 0 && lacks <= 0);
      if (length() === 0) count.textContent = "";
      else count.textContent = lacks > 0 ? texts[lacks - 1] : count.dataset.enough;
    }, 250);
  });
}

// One click sends one request. Stopping the load or going back enables the button again.
const enable = () => document.querySelectorAll("[type=submit]").forEach((button) => (button.disabled = false));
addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  event.submitter.disabled = true;
  setTimeout(enable, 10_000);
});
addEventListener("pageshow", enable);
