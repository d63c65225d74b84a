// An application with the library openid-client, unchanged. The test writes a step a line, and reads an answer a line.
import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";

globalThis.crypto ??= webcrypto; // Debian 12's Node 18 has both, under other names
globalThis.CryptoKey ??= webcrypto.CryptoKey;
const library = await import("openid-client");
const shop = JSON.parse(process.argv[2]);

let off = shop.off ?? 0; // seconds by which this machine's clock is wrong
const now = Date.now;
Date.now = () => now() + off * 1000;

const proofs = {
  client_secret_basic: () => library.ClientSecretBasic(shop.secret),
  client_secret_post: () => library.ClientSecretPost(shop.secret),
  none: () => library.None(),
  private_key_jwt: async () => {
    const how = { name: "ECDSA", namedCurve: "P-256" };
    return library.PrivateKeyJwt(await crypto.subtle.importKey("jwk", shop.key, how, false, ["sign"]));
  },
};
const config = await library.discovery(
  new URL(shop.issuer),
  shop.id,
  { id_token_signed_response_alg: shop.algorithm ?? "RS256" },
  await proofs[shop.proof](),
  { execute: [library.allowInsecureRequests] },
);
library.enableNonRepudiationChecks(config); // look at the signatures too, although the token came by a direct call

let asked, tokens;
const steps = {
  async begin({ pushed, ...more }) {
    asked = { verifier: library.randomPKCECodeVerifier(), state: library.randomState(), nonce: library.randomNonce() };
    const parameters = {
      redirect_uri: shop.callback,
      scope: "openid profile phone offline_access",
      code_challenge: await library.calculatePKCECodeChallenge(asked.verifier),
      code_challenge_method: "S256",
      state: asked.state,
      nonce: asked.nonce,
      ...more,
    };
    const build = pushed ? library.buildAuthorizationUrlWithPAR : library.buildAuthorizationUrl;
    return (await build(config, parameters)).href;
  },
  async come({ url, maxAge }) {
    tokens = await library.authorizationCodeGrant(config, new URL(url), {
      pkceCodeVerifier: asked.verifier,
      expectedState: asked.state,
      expectedNonce: asked.nonce,
      idTokenExpected: true,
      maxAge,
    });
    return tokens.claims();
  },
  async refresh() {
    const before = tokens.claims();
    tokens = await library.refreshTokenGrant(config, tokens.refresh_token);
    return tokens.claims().sub === before.sub;
  },
  userinfo: () => library.fetchUserInfo(config, tokens.access_token, tokens.claims().sub),
  introspect: () => library.tokenIntrospection(config, tokens.access_token),
  revoke: () => library.tokenRevocation(config, tokens.refresh_token),
  end: ({ after }) =>
    library.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: after }).href,
  device: () => library.initiateDeviceAuthorization(config, { scope: "openid phone" }),
  async poll({ begun }) {
    tokens = await library.pollDeviceAuthorizationGrant(config, begun);
    return tokens.claims();
  },
  later({ seconds }) {
    off += seconds;
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { step, ...more } = JSON.parse(line);
  try {
    console.log(JSON.stringify({ told: (await steps[step](more)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: `${error.code ?? error.name} ${error.error ?? error.message} ${error.cause?.message ?? ""}` }));
  }
}
