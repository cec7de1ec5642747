import { parseArgs } from "node:util";
import type { Voice } from "./recital.ts";
import { startRecitingLlm } from "./reciting-llm.ts";

// A reciting model as a process of its own; each request that it gets is a line of JSON on stdout.
const text = { type: "string" } as const;
const { values } = parseArgs({ options: { port: text, voice: text, "tokens-per-s": text } });
const llm = await startRecitingLlm({
  port: Number(values.port),
  voice: values.voice as Voice,
  tokens_per_s: Number(values["tokens-per-s"]),
  onAsked: (asked) => process.stdout.write(`${JSON.stringify(asked)}\n`),
});
process.once("SIGTERM", () => void llm.stop());
