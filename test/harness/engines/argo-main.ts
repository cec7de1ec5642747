import { parseArgs } from "node:util";
import { startArgoEngine } from "./argo-engine.ts";

// An Argo as a process of its own; the first line on stdout is its URL.
const text = { type: "string" } as const;
const { values } = parseArgs({ options: { port: text, file: text, token: text } });
const engine = await startArgoEngine({
  port: Number(values.port ?? 0),
  file: values.file!,
  token: values.token ?? null,
});
process.stdout.write(`${engine.url}\n`);
process.once("SIGTERM", () => void engine.stop());
