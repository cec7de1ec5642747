import { ack, type Backing, createLog, runServices, startTelemetry } from "@gatehouse/runtime";
import { dueReader } from "./due-notes.ts";
import { declareNotes } from "./notes.ts";

interface DyingDueOptions {
  backing: Backing;
  dir: string;
  /** The row whose handler kills the process; it tells its parent first which rows were at work. */
  deadly: string;
}

const GATHER_MS = 100;
const OTHERS_MS = 300;

/** Run as a child process: due work whose handler dies by SIGKILL on one row. Others take a while, so that they meet. */
const { backing, dir, deadly } = JSON.parse(process.argv[2] ?? "{}") as DyingDueOptions;
const atWork = new Set<string>();
const tell = (message: object) => new Promise((told) => process.send!(message, told));

const service = dueReader(async (_payload, { due: { key } }) => {
  atWork.add(key);
  await new Promise((resolve) => setTimeout(resolve, key === deadly ? GATHER_MS : OTHERS_MS));
  if (key === deadly) {
    await tell({ dies: [...atWork].sort() });
    process.kill(process.pid, "SIGKILL");
    await new Promise(() => {});
  }
  atWork.delete(key);
  return ack;
});
process.once("disconnect", () => process.exit());
await runServices({
  services: [service],
  config: {},
  backing,
  home: dir,
  log: createLog({ name: "dying-due", level: "debug", home: dir, stdout: "silent" }),
  telemetry: await startTelemetry({ service_names: [service.name], env: {} }),
  health: { host: "127.0.0.1", port: 0 },
  declared: declareNotes(),
});
