import { resolve } from "node:path";
import { readLayers } from "./layers.ts";

const { violations, files, imports } = await readLayers(resolve(import.meta.dirname, "../.."));
for (const violation of violations) process.stdout.write(`${violation}\n`);
process.stdout.write(`${violations.length} violations in ${imports} imports of ${files} TypeScript files\n`);
if (imports === 0)
  process.stdout.write("Cannot check the layers as no import was seen: dependency-cruiser needs TypeScript 6\n");
process.exitCode = violations.length > 0 || imports === 0 ? 1 : 0;
