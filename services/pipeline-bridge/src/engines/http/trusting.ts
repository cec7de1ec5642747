import { readFileSync } from "node:fs";
import { buildConnector } from "undici";
import { EngineAwayError } from "../../errors.ts";

/** Connects and trusts whom the CA file names, besides nobody else; it is read for each connection, as it may be replaced. */
export function trusting(ca_file: string | null, timeout_ms: number): buildConnector.connector {
  if (ca_file === null) return buildConnector({ allowH2: false, timeout: timeout_ms });
  let [known, connector]: [string | null, buildConnector.connector | null] = [null, null];
  return (options, connected) => {
    try {
      const ca = readFileSync(ca_file, "utf8");
      if (ca !== known || connector === null) connector = buildConnector({ allowH2: false, timeout: timeout_ms, ca });
      known = ca;
    } catch (error) {
      const { code = "unknown" } = error as NodeJS.ErrnoException;
      return connected(
        new EngineAwayError(`Cannot use the CA file "${ca_file}" as it must be readable: current state is "${code}"`),
        null,
      );
    }
    connector(options, connected);
  };
}
