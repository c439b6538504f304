// Reads the HTTP interface of the sink. Content of mails is inserted as text, never as markup.
"use strict";

const $ = (id) => document.getElementById(id);
const api = (path, options) => fetch(`api/v1/${path}`, options);
const wide = matchMedia("(min-width: 46.01rem)");
let chosen = null; // mail id from the URL fragment
let shown = ""; // state of the displayed list: it is rebuilt only when this changes
let tab = "html";

const element = (name, className, text) => {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
};
const person = ({ Name, Address }) => (Name ? `${Name} <${Address}>` : Address);
const clock = (time) => {
  const date = new Date(time);
  const today = date.toDateString() === new Date().toDateString();
  return today
    ? date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })
    : date.toLocaleDateString([], { month: "short", day: "numeric" });
};

async function refresh() {
  const query = encodeURIComponent($("search").value.trim());
  const response = await api(`search?limit=200&query=${query}`);
  const page = await response.json();
  const state = JSON.stringify([chosen, page.messages.map((mail) => mail.ID), page.total, query]);
  if (state === shown) return;
  shown = state;
  $("count").textContent = page.total || "";
  $("nothing").hidden = page.messages.length > 0;
  $("nothing").textContent = page.total
    ? "No mail fits this search."
    : "No mail yet. Mail that Keyward sends appears here.";
  document.querySelector("main").classList.toggle("empty", page.messages.length === 0);
  $("list").replaceChildren(...page.messages.map(line));
  if (page.messages.length === 0) $("mail").hidden = true;
  else if (!chosen && wide.matches) location.replace(`#${page.messages[0].ID}`);
}

function line(mail) {
  const button = element("button", "", "");
  const people = [...mail.To, ...mail.Cc, ...mail.Bcc].map((one) => one.Address).join(", ");
  const time = element("time", "", clock(mail.Created));
  time.dateTime = mail.Created;
  button.type = "button";
  button.append(
    element("span", "to", `to ${people}`),
    time,
    element("span", "subject", mail.Subject || "(no subject)"),
    element("span", "snippet", mail.Snippet),
  );
  if (mail.ID === chosen) button.setAttribute("aria-current", "true");
  button.addEventListener("click", () => { location.hash = mail.ID; });
  return button;
}

async function open() {
  chosen = location.hash.slice(1) || null;
  const response = chosen ? await api(`message/${encodeURIComponent(chosen)}`) : null;
  const mail = response?.ok ? await response.json() : null;
  if (!mail) chosen = null;
  document.querySelector("main").classList.toggle("reading", Boolean(mail));
  $("mail").hidden = !mail;
  if (mail) {
    $("subject").textContent = mail.Subject || "(no subject)";
    const rows = [
      ["From", mail.From ? person(mail.From) : "(none)"],
      ["To", mail.To.map(person).join(", ")],
      ["Cc", mail.Cc.map(person).join(", ")],
      ["Bcc", mail.Bcc.map(person).join(", ")],
      ["Date", new Date(mail.Date).toLocaleString()],
      ["Attached", mail.Attachments.map((one) => one.FileName || one.ContentType).join(", ")],
    ].filter(([, value]) => value);
    $("envelope").replaceChildren(
      ...rows.flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)]),
    );
    $("tabs").children[0].disabled = !mail.HTML;
    $("tabs").children[1].disabled = !mail.Text;
    if (tab === "html" && !mail.HTML) tab = "text";
    await show(mail);
  }
  shown = "";
  await refresh();
}

async function show(mail) {
  for (const button of $("tabs").children) {
    button.setAttribute("aria-selected", String(button.dataset.tab === tab));
    button.onclick = () => { tab = button.dataset.tab; show(mail); };
  }
  $("frame").hidden = tab !== "html";
  $("plain").hidden = tab === "html";
  if (tab === "html") $("frame").src = `view/${mail.ID}.html`;
  if (tab === "text") $("plain").textContent = mail.Text;
  if (tab === "raw") $("plain").textContent = await (await api(`message/${mail.ID}/raw`)).text();
  if (tab === "headers") {
    const headers = await (await api(`message/${mail.ID}/headers`)).json();
    const lines = Object.entries(headers).flatMap(([name, values]) => values.map((v) => `${name}: ${v}`));
    $("plain").textContent = lines.join("\n");
  }
}

$("search").addEventListener("input", refresh);
$("back").addEventListener("click", () => { location.hash = ""; });
$("clear").addEventListener("click", async () => {
  if (!confirm("Delete all caught mail?")) return;
  await api("messages", { method: "DELETE" });
  location.hash = "";
  await refresh();
});
addEventListener("hashchange", open);
open();
setInterval(() => { if (!document.hidden) refresh().catch(() => {}); }, 1500);
