// The last page of a pop-up or a frame: its answer goes to the page that opened it, if that is of the right site.
const { origin, answer } = document.querySelector("[data-origin]").dataset;
const target = window.opener || (window.parent !== window && window.parent);
if (target) {
  target.postMessage({ type: "authorization_response", response: JSON.parse(answer) }, origin);
  if (window.opener) setTimeout(() => window.close(), 100);
}
