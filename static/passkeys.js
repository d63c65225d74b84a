// Asks the browser for a passkey, and sends what it answers with the form that asked.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const letters = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const ids = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

function ask(options) {
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (!options.user) {
    publicKey.allowCredentials = ids(options.allowCredentials);
    return navigator.credentials.get({ publicKey });
  }
  publicKey.user = { ...options.user, id: bytes(options.user.id) };
  publicKey.excludeCredentials = ids(options.excludeCredentials);
  return navigator.credentials.create({ publicKey });
}

function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = letters(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: letters(credential.rawId), type: credential.type, response });
}

async function send(form) {
  const reply = await fetch(form.dataset.passkey, { method: "POST", body: new FormData(form) });
  if (!reply.ok || reply.redirected) return location.reload(); // the page can say what has changed
  const { asked, options } = await reply.json();
  form.elements.credential.value = written(await ask(options));
  form.elements.asked.value = asked;
  return form.submit();
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  const { site } = form.dataset;
  const here = location.hostname === site || location.hostname.endsWith(`.${site}`);
  if (!window.PublicKeyCredential || !here) continue;
  form.hidden = false;
  const problem = form.querySelector("[role=alert]");
  let busy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = problem.hidden = true;
    try {
      await send(form);
    } catch {
      problem.hidden = false; // put off by the person, or no passkey for this site
    }
    busy = false;
  });
}
for (const text of document.querySelectorAll("[data-without-passkeys]")) {
  text.hidden = [...document.querySelectorAll("[data-passkey]")].some((form) => !form.hidden);
}
