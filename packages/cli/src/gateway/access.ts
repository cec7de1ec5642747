import type { Context } from "../context.ts";
import { NotRunningError, UsageError } from "../errors.ts";
import { assertRunning } from "../running.ts";

/** Where a gateway is, and the key to it. */
export interface Access {
  /** Without a slash at its end. */
  url: string;
  key: string;
}

/**
 * The gateway of `GATEHOUSE_URL` and `GATEHOUSE_KEY`, else the one that runs in the home.
 * @throws {UsageError} when only one of the two is there, or the URL is none
 * @throws {NotRunningError}
 */
export function findGateway({ env }: Pick<Context, "env">, home: string, action: string): Access {
  const { GATEHOUSE_URL: url, GATEHOUSE_KEY: key } = env;
  if (url) {
    if (!key) throw new UsageError(`Cannot ${action} as GATEHOUSE_KEY must be set with GATEHOUSE_URL: it is not`);
    if (!/^https?:\/\//.test(url) || !URL.canParse(url))
      throw new UsageError(`Cannot ${action} as GATEHOUSE_URL must be an http or https URL`);
    return { url: url.replace(/\/+$/, ""), key };
  }
  const { gateway_url, admin_key } = assertRunning(home, action);
  if (!gateway_url) throw new NotRunningError(`Cannot ${action} as no gateway runs here`);
  return { url: gateway_url.replace(/\/+$/, ""), key: key ?? admin_key };
}
