// Without this file, and where the browser may not do sums (http on a network), the wait stands on the page.
const form = document.querySelector("[data-check]");
const { widget, worker, puzzle, auto, words } = form.dataset;

if (globalThis.crypto?.subtle) {
  await import(widget);
  const { algorithms, i18n } = globalThis.$altcha;
  algorithms.set("PBKDF2/SHA-256", () => new Worker(worker));
  i18n.set(document.documentElement.lang, { ...i18n.get("en"), ...JSON.parse(words) });
  const box = document.createElement("altcha-widget");
  box.setAttribute("language", document.documentElement.lang);
  box.setAttribute("challenge", puzzle);
  box.setAttribute("auto", auto);
  box.setAttribute("configuration", JSON.stringify({ hideFooter: true, hideLogo: true, humanInteractionSignature: false }));
  box.addEventListener("statechange", (event) => event.detail.state === "verified" && form.requestSubmit());
  form.querySelector("[data-here]").append(box);
  form.hidden = false;
  document.querySelector("[data-instead] .primary")?.classList.remove("primary");
}
