// Doorcode's sign-in in a pop-up, or in an <iframe> of yours, from your own page: docs/embedding.md.
//   import { signIn } from "https://login.example.com/oauth/embed.js";
//   const { code, state, iss } = await signIn(url);           // a pop-up: call it from a click
//   const { code, state, iss } = await signIn(url, { frame }); // a frame
// url: your authorization request, as your library builds it. Compare state, and redeem the code, with your library.
export function signIn(url, { frame, width = 480, height = 720 } = {}) {
  const page = new URL(url);
  page.searchParams.set("response_mode", "web_message");
  if (frame) {
    page.searchParams.set("display", "frame");
    frame.allow = "otp-credentials; publickey-credentials-get";
    frame.src = page;
  }
  const popup = frame ? null : open(page, "doorcode", `popup,width=${width},height=${height}`);
  if (!frame && !popup) return Promise.reject(new Error("popup_blocked"));
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      clearInterval(watch);
      removeEventListener("message", hear);
      settle(value);
    };
    const hear = ({ origin, source, data }) => {
      if (origin !== page.origin || source !== (popup || frame.contentWindow)) return;
      if (data?.type !== "authorization_response") return;
      const answer = data.response;
      if (answer.error) end(reject, Object.assign(new Error(answer.error), answer));
      else end(resolve, answer);
    };
    const watch = setInterval(() => {
      if (popup?.closed) end(reject, new Error("popup_closed"));
    }, 500);
    addEventListener("message", hear);
  });
}
