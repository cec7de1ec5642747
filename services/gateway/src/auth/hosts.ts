/** Where the gateway listens, as far as names matter. */
export interface Listening {
  /** The address it is bound to. */
  host: string;
  /** How people reach it, when that is not host and port. */
  public_url: string | null;
}

const EVERY_ADDRESS = new Set(["0.0.0.0", "::"]);
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** Whether an address is of this machine only. */
function isLoopback(host: string): boolean {
  return LOOPBACK.test(host) || host === "::1";
}

/**
 * Whether a `Host` header may come in: loopback names, the host of `public_url`, and the one address that is bound.
 * Otherwise any web page could reach the gateway by a name of its own that leads here (DNS rebinding). One that others
 * may connect to, and that was not told its name, answers to any.
 */
export function hostAllowed(host: string | undefined, { host: bound, public_url }: Listening): boolean {
  if (!isLoopback(bound) && public_url === null) return true;
  if (host === undefined) return false;
  const name = host.replace(/:\d*$/, "").toLowerCase();
  const is_bound = !EVERY_ADDRESS.has(bound) && (name === bound.toLowerCase() || name === `[${bound.toLowerCase()}]`);
  return LOOPBACK.test(name) || is_bound || host.toLowerCase() === hostOf(public_url);
}

/** What `Host` must be, for the error. */
export function hostWanted({ public_url }: Listening): string {
  const own = hostOf(public_url);
  return own === null
    ? "a loopback name; to be reached by another one, set gateway.public_url"
    : `"${own}", the host of gateway.public_url, or a loopback name`;
}

/** Whether an `Origin` is the site that was asked: compared with `Host`, or with `public_url` behind a proxy. */
export function originMatches(origin: string, host: string | undefined, { public_url }: Listening): boolean {
  const from = hostOf(origin);
  return from !== null && (from === host?.toLowerCase() || from === hostOf(public_url));
}

/** `name:port` of a URL, lower case, without a default port; null when it is none. */
function hostOf(url: string | null): string | null {
  return url !== null && URL.canParse(url) ? new URL(url).host || null : null;
}
