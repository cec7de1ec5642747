import { readFile } from "node:fs/promises";
import { buildConnector } from "undici";
import { EngineAwayError } from "../../errors.ts";
import { within } from "./within.ts";

/** Connects and trusts whom the CA file names, besides nobody else; it is read for each connection, as it may be replaced. */
export function trusting(ca_file: string | null, timeout_ms: number): buildConnector.connector {
  if (ca_file === null) return buildConnector({ allowH2: false, timeout: timeout_ms });
  let [known, connector]: [string | null, buildConnector.connector | null] = [null, null];
  const current = async (): Promise<buildConnector.connector> => {
    const ca = await within(readFile(ca_file, "utf8"), AbortSignal.timeout(timeout_ms));
    if (ca !== known || connector === null) connector = buildConnector({ allowH2: false, timeout: timeout_ms, ca });
    known = ca;
    return connector;
  };
  return (options, connected) =>
    void current().then(
      (connect) => connect(options, connected),
      (error: NodeJS.ErrnoException) => {
        const state = error.code ?? error.name;
        const why = `Cannot use the CA file "${ca_file}" as it must be readable: current state is "${state}"`;
        connected(new EngineAwayError(why), null);
      },
    );
}
