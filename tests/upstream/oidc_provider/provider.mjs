// npm's oidc-provider, as its own documentation starts it: node provider.mjs PORT CALLBACK SECRET
import { Provider } from "oidc-provider";

const [port, callback, secret] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: "doorcode",
    client_secret: secret,
    redirect_uris: [callback],
    token_endpoint_auth_method: "client_secret_post",
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  scopes: ["openid", "email", "phone"],
  pkce: { required: () => true },
  cookies: { keys: ["of a test"] },
  // Whoever types "ada" is Ada; whoever types "unverified-ada" tells her address, which nobody has verified.
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id.replace("unverified-", "")}@example.com`,
      email_verified: !id.startsWith("unverified-"),
    }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
