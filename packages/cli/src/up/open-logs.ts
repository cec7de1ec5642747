import { createLog, type OpenLog, startTelemetry, type Telemetry } from "@gatehouse/runtime";
import type { Settings } from "../settings.ts";
import { services } from "./services.ts";

/** The log and the telemetry of this process; `logs/gatehouse.log` in the home. */
export async function openLogs(
  home: string,
  { log: { level } }: Settings,
  { env, verbose }: { env: NodeJS.ProcessEnv; verbose: boolean },
): Promise<{ log: OpenLog; telemetry: Telemetry }> {
  const telemetry = await startTelemetry({ service_names: services.map(({ name }) => name), env });
  const log = createLog({
    name: "gatehouse",
    level,
    home,
    stdout: verbose ? "pretty" : "silent",
    activeTrace: () => telemetry.activeTrace(),
  });
  return { log, telemetry };
}
