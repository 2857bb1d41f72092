// The customer portal's flow, as angular-oauth2-oidc goes it: authorization code with PKCE S256
// from another origin, every step by fetch. What it finds is left in window.portal for the tests.
"use strict";

const CLIENT_ID = "ossrep-customer-portal";
const REDIRECT_URI = location.origin + "/";
const ISSUER = new URLSearchParams(location.search).get("issuer") || sessionStorage.issuer;
sessionStorage.issuer = ISSUER;
const API = new URL(ISSUER).origin;

window.portal = {};

const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const sha256 = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
const claimsOf = (token) => JSON.parse(new TextDecoder().decode(bytesOf(token.split(".")[1])));

async function json(address, init) {
  const answer = await fetch(address, init);
  if (!answer.ok) throw new Error(`${answer.status} ${address}`);
  return answer.json();
}

async function discover() {
  const found = await json(ISSUER + "/.well-known/openid-configuration");
  if (found.issuer !== ISSUER) throw new Error("another issuer");
  window.portal.discovery = found;
  return found;
}

async function signIn() {
  const { authorization_endpoint: endpoint } = await discover();
  Object.assign(sessionStorage, { state: random(), nonce: random(), verifier: random() });
  const query = new URLSearchParams({
    response_type: "code",
    client_id: CLIENT_ID,
    state: sessionStorage.state,
    redirect_uri: REDIRECT_URI,
    scope: "openid profile email",
    code_challenge: base64url(await sha256(sessionStorage.verifier)),
    code_challenge_method: "S256",
    nonce: sessionStorage.nonce,
  });
  location.href = `${endpoint}?${query}`;
}

async function checkedIdToken(token, accessToken, keys) {
  const [header, payload, signature] = token.split(".");
  const { kid, alg } = JSON.parse(new TextDecoder().decode(bytesOf(header)));
  const jwk = keys.find((key) => key.kid === kid);
  const kind = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("jwk", jwk, kind, false, ["verify"]);
  const signed = new TextEncoder().encode(`${header}.${payload}`);
  if (alg !== "RS256" || !(await crypto.subtle.verify(kind, key, bytesOf(signature), signed)))
    throw new Error("the ID token is not signed by the issuer");
  const claims = claimsOf(token);
  const half = base64url((await sha256(accessToken)).slice(0, 16));
  const fits =
    claims.iss === ISSUER && claims.aud === CLIENT_ID && claims.nonce === sessionStorage.nonce &&
    claims.at_hash === half && claims.exp * 1000 > Date.now();
  if (!fits) throw new Error("the ID token does not fit");
  return claims;
}

async function comeBack(query) {
  if (query.get("state") !== sessionStorage.state) throw new Error("another state");
  history.replaceState(null, "", "/");
  const found = await discover();
  const tokens = await json(found.token_endpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: CLIENT_ID,
      code: query.get("code"),
      redirect_uri: REDIRECT_URI,
      code_verifier: sessionStorage.verifier,
    }),
  });
  const { keys } = await json(found.jwks_uri);
  const idClaims = await checkedIdToken(tokens.id_token, tokens.access_token, keys);
  const headers = { Authorization: `Bearer ${tokens.access_token}` };
  const userinfo = await json(found.userinfo_endpoint, { headers });
  if (userinfo.sub !== idClaims.sub) throw new Error("userinfo of another user");
  sessionStorage.idToken = tokens.id_token;
  sessionStorage.accessToken = tokens.access_token;
  const accessClaims = claimsOf(tokens.access_token);
  Object.assign(window.portal, { tokens, idClaims, accessClaims, userinfo });
  document.getElementById("sign-in").hidden = true;
  document.getElementById("sign-out").hidden = false;
  tell(`Signed in as ${idClaims.name}`);
}

async function signOut() {
  const { end_session_endpoint: endpoint } = await discover();
  const query = new URLSearchParams({
    id_token_hint: sessionStorage.idToken,
    client_id: CLIENT_ID,
    post_logout_redirect_uri: REDIRECT_URI,
    state: "bye",
  });
  location.href = `${endpoint}?${query}`;
}

// One call of the API as the portal makes it: the token goes to every address below the API's.
window.call = async (path, token) => {
  const bearer = token || sessionStorage.accessToken;
  const answer = await fetch(API + path, { headers: bearer ? { Authorization: `Bearer ${bearer}` } : {} });
  const text = await answer.text();
  return { status: answer.status, type: answer.headers.get("Content-Type"), body: text ? JSON.parse(text) : null };
};

function tell(text) {
  document.getElementById("state").textContent = text;
}

async function start() {
  document.getElementById("sign-in").addEventListener("click", () => signIn().catch(fail));
  document.getElementById("sign-out").addEventListener("click", () => signOut().catch(fail));
  const query = new URLSearchParams(location.search);
  if (query.has("error")) tell(`Refused: ${query.get("error")}`);
  else if (query.has("code")) await comeBack(query);
  else tell(query.get("state") === "bye" ? "Signed out" : "Signed out at first");
}

function fail(error) {
  tell(`Failed: ${error.message}`);
}

start().catch(fail);
