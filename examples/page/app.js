// An application that is one page, without a library: authorization code with PKCE, three ways.
const { issuer, clientId, site } = await (await fetch("config.json")).json();
const { signIn } = await import(`${issuer}/oauth/embed.js`);
const told = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
const heading = document.querySelector("h1");
const frame = document.querySelector("iframe");

const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const random = () => base64(crypto.getRandomValues(new Uint8Array(32)));

// The authorization request; what its answer is compared with stays in this tab.
async function begin() {
  const verifier = random();
  const state = random();
  sessionStorage.setItem("begun", JSON.stringify({ verifier, state }));
  const challenge = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return `${told.authorization_endpoint}?${new URLSearchParams({
    client_id: clientId, redirect_uri: `${site}/`, response_type: "code", scope: "openid phone", state,
    code_challenge: base64(challenge), code_challenge_method: "S256",
  })}`;
}

async function finish({ code, state, iss, error }) {
  const begun = JSON.parse(sessionStorage.getItem("begun") || "{}");
  sessionStorage.removeItem("begun");
  if (error) throw new Error(error);
  if (state !== begun.state || iss !== issuer) throw new Error("This answer is to another question.");
  const form = {
    grant_type: "authorization_code", code, client_id: clientId, redirect_uri: `${site}/`, code_verifier: begun.verifier,
  };
  const tokens = await (await fetch(told.token_endpoint, { method: "POST", body: new URLSearchParams(form) })).json();
  const headers = { Authorization: `Bearer ${tokens.access_token}` };
  const person = await (await fetch(told.userinfo_endpoint, { headers })).json();
  heading.textContent = `Hello ${person.phone_number}`;
}

const ways = {
  redirect: async () => { location = await begin(); },
  popup: async () => finish(await signIn(await begin())),
  frame: async () => {
    frame.hidden = false;
    finish(await signIn(await begin(), { frame }));
  },
};
for (const [name, way] of Object.entries(ways)) {
  const button = document.getElementById(name);
  button.disabled = false;
  button.addEventListener("click", () => way().catch((error) => {
    heading.textContent = `Nobody is signed in: ${error.message}`;
  }).finally(() => { frame.hidden = true; }));
}

// Back from the redirect: the code leaves the address at once.
const answer = Object.fromEntries(new URLSearchParams(location.search));
if (answer.state) {
  history.replaceState(null, "", "/");
  await finish(answer).catch((error) => { heading.textContent = `Nobody is signed in: ${error.message}`; });
}
