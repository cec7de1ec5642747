import { ModelConfigError } from "../errors.ts";

/** A model server's address, taken apart. */
export interface ServerUrl {
  /** `http://127.0.0.1:9000` */
  origin: string;
  /** `127.0.0.1:9000`: what errors and logs show. */
  server: string;
  /** The path without a slash at its end; empty when there is none. */
  path: string;
}

/** @throws {ModelConfigError} when it is no http(s) URL, or carries credentials, a query or a fragment: keys belong in `api_key`. */
export function parseServerUrl(text: string): ServerUrl {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new ModelConfigError("Cannot use the model server's url as it must be an http or https URL");
  if (url.username || url.password || url.search || url.hash)
    throw new ModelConfigError(
      `Cannot use the url of model server "${url.host}" as it must have no credentials, query or fragment: a key belongs in api_key`,
    );
  return { origin: url.origin, server: url.host, path: url.pathname.replace(/\/+$/, "") };
}
