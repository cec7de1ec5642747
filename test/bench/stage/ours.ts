import type { CameraDetections } from "@gatehouse/events";
import { ack, createLog, defineService, input, runServices, startTelemetry } from "@gatehouse/runtime";
import { serve } from "../measure/actor.ts";
import { Stopwatch } from "./stopwatch.ts";
import { declared, given, type StageResult, type StageRun, taken } from "./wire.ts";

const home = process.env.BENCH_HOME!;
const log = createLog({ name: "ours", level: "info", home, stdout: "silent" });
const telemetry = await startTelemetry({ service_names: ["bench"], env: process.env });

/** A service that passes on what it takes in: everything that the runtime gives is on. */
async function run({ nats_url, user, password, broker_pid, count }: StageRun): Promise<StageResult> {
  const watch = new Stopwatch(count, broker_pid);
  const service = defineService({
    name: "bench",
    config: {},
    inputs: [
      input("ours", taken, async (set: CameraDetections, { publish }) => {
        watch.begin();
        await publish(given, { ...set, camera_id: "ours" });
        watch.count();
        return ack;
      }),
    ],
    start: async () => ({ deps: {} }),
  });
  const backing = {
    nats_url,
    nats_user: user,
    nats_password: password,
    database_url: "",
    redis_url: "",
    qdrant_url: null,
  };
  const mesh = await runServices({
    services: [service],
    config: {},
    backing,
    home,
    log,
    telemetry,
    health: { host: "127.0.0.1", port: 0 },
    declared,
  });
  const result = await watch.finished;
  await mesh.stop();
  return result;
}

const operations = { run };
export type Operations = typeof operations;

serve(operations, async () => {
  await telemetry.stop();
  await log.close();
});
