// Every page works without this file.
const find = (selector) => document.querySelector(selector);

find(".summary")?.focus();

// A double click sends once; Back from the browser's memory may send again.
const sent = new Map();
addEventListener("submit", (event) => {
  if (Date.now() - sent.get(event.target) < 4000) event.preventDefault();
  else sent.set(event.target, Date.now());
});
addEventListener("pageshow", (event) => event.persisted && sent.clear());

for (const button of document.querySelectorAll("[data-show]")) {
  const box = document.getElementById(button.dataset.show);
  button.hidden = false;
  button.addEventListener("click", () => {
    const show = box.type === "password";
    box.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", show);
  });
}

const code = find("[data-from-message]");
if (code && "OTPCredential" in window) {
  const stop = new AbortController();
  code.form.addEventListener("submit", () => stop.abort());
  navigator.credentials.get({ otp: { transport: ["sms"] }, signal: stop.signal })
    .then((message) => { code.value = message.code; }, () => {});
}

// Counts down to another code; said aloud once, at the end.
const wait = find("[data-wait]");
let end = Date.now() + wait?.dataset.wait * 1000;
function count() {
  const left = Math.ceil((end - Date.now()) / 1000);
  const [min, s] = wait.dataset.units.split(",");
  if (left > 0) {
    wait.textContent = left > 99 ? `${Math.floor(left / 60)} ${min} ${left % 60} ${s}` : `${left} ${s}`;
    setTimeout(count, 1000);
  } else {
    wait.parentNode.hidden = true;
    const over = find("[data-over]");
    over.textContent = over.dataset.over;
  }
}
if (wait) count();

const line = find("[data-status-url]");
const patience = Date.now() + 60000;
let over = false;
async function ask() {
  try {
    const { state, text, final } = await (await fetch(line.dataset.statusUrl)).json();
    over = final;
    if (state !== line.dataset.state) {
      line.textContent = text;
      line.dataset.state = state;
      if (state === "refused") end = 0; // what was not sent costs no wait
    }
  } catch { /* asked again below */ }
  if (!over && Date.now() < patience) setTimeout(ask, line.dataset.state === "sent" ? 5000 : 2000);
}
if (line) setTimeout(ask, 2000);
