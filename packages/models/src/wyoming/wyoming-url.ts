import { ModelConfigError } from "../errors.ts";

/** @returns host and port of `tcp://host:port` @throws {ModelConfigError} when it is anything else */
export function parseWyomingUrl(text: string): { host: string; port: number; server: string } {
  const url = URL.parse(text);
  const isPlain = url && !url.username && !url.password && !url.search && !url.hash && /^\/?$/.test(url.pathname);
  if (url?.protocol !== "tcp:" || !isPlain || !url.hostname || !url.port)
    throw new ModelConfigError("Cannot use the Wyoming server's url as it must be tcp://host:port");
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port), server: url.host };
}
