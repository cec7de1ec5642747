import { ack, createLog } from "@gatehouse/runtime";
import { declareNotes, noteReader } from "./notes.ts";
import { runReader } from "./run-reader.ts";

interface DyingReaderOptions {
  nats: { url: string; user: string; password: string };
  dir: string;
  /** The note whose handler kills the process; it tells its parent first which notes were at work. */
  deadly: number;
}

const GATHER_MS = 100;

/** Run as a child process: a reader whose handler dies by SIGKILL on one note. Others take a while, so that they meet. */
const options = JSON.parse(process.argv[2] ?? "{}") as DyingReaderOptions;
const log = createLog({ name: "dying-reader", level: "debug", home: options.dir, stdout: "silent" });
const atWork = new Set<number>();
const tell = (message: object) => new Promise((told) => process.send!(message, told));

const service = noteReader(async ({ n }) => {
  atWork.add(n);
  await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
  if (n === options.deadly) {
    await tell({ dies: [...atWork].sort((a, b) => a - b) });
    process.kill(process.pid, "SIGKILL");
    await new Promise(() => {});
  }
  atWork.delete(n);
  return ack;
});
process.once("disconnect", () => process.exit());
await runReader({ nats: options.nats, dir: options.dir, log }, service, { declared: declareNotes() });
