/** Where the gateway listens, as far as names matter. */
export interface Listening {
  /** The address it is bound to. */
  host: string;
  /** How people reach it, when that is not host and port. */
  public_url: string | null;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** Whether an address is of this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host) || host === "::1";
}

/**
 * Whether a `Host` header may come in. A gateway on loopback answers to loopback names and `public_url` only: otherwise
 * any web page could reach it by a name of its own that leads here (DNS rebinding).
 */
export function hostAllowed(host: string | undefined, { host: bound, public_url }: Listening): boolean {
  if (!isLoopback(bound)) return true;
  if (host === undefined) return false;
  return LOOPBACK.test(host.replace(/:\d*$/, "")) || host.toLowerCase() === hostOf(public_url);
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
