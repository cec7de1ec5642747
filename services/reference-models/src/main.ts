import { parseArgs } from "node:util";
import { startReferenceModels } from "./service.ts";

const { values } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    "grpc-port": { type: "string" },
    "wyoming-port": { type: "string" },
    "allow-failures": { type: "boolean" },
  },
});
const optional = (port: string | undefined) => (port === undefined ? null : Number(port));
const models = await startReferenceModels({
  host: values.host,
  port: Number(values.port),
  grpc_port: optional(values["grpc-port"]),
  wyoming_port: optional(values["wyoming-port"]),
  allow_failures: values["allow-failures"] === true,
});
// A parent that started this process waits for this line of its own.
process.send?.({ ready: true, health_url: models.url, doors: [] });
const others = [models.grpc_url && `${models.grpc_url} (gRPC)`, models.wyoming_url].filter(Boolean);
process.stdout.write(`reference models listening on ${[models.url, ...others].join(" and ")}\n`);
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => void models.stop());
