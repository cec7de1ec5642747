import { parseArgs } from "node:util";
import { startReferenceModels } from "./service.ts";

const { values } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    "allow-failures": { type: "boolean" },
  },
});
const models = await startReferenceModels({
  host: values.host,
  port: Number(values.port),
  allow_failures: values["allow-failures"] === true,
});
// A parent that started this process waits for this line of its own.
process.send?.({ ready: true, health_url: models.url, doors: [] });
process.stdout.write(`reference models listening on ${models.url}\n`);
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => void models.stop());
