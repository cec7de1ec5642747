import { resolve } from "node:path";
import { eventTypes } from "../event-types.ts";
import { checkContracts, writeContracts } from "./contract-file.ts";

const FOLDER = resolve(import.meta.dirname, "../..");
const [mode] = process.argv.slice(2);

if (mode === "--check" || mode === "--write") {
  const faults = await (mode === "--check" ? checkContracts : writeContracts)(FOLDER, eventTypes);
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  if (faults.length > 0)
    process.stdout.write("A breaking change is a new event with a new subject; the old one stays as it is\n");
  process.exitCode = faults.length > 0 ? 1 : 0;
} else {
  process.stderr.write("node packages/events/src/contracts/main.ts --check | --write\n");
  process.exitCode = 2;
}
