import type { ServerReport } from "@gatehouse/local";
import type { ProcessReadiness } from "../up/ask-readiness.ts";
import type { Colour, Paint } from "./paint.ts";
import { table } from "./table.ts";

const COLOURS: Record<string, Colour> = {
  ready: "green",
  degraded: "yellow",
  not_ready: "red",
  up: "green",
  starting: "yellow",
  down: "red",
};

/** A row of each service. */
export function servicesText(processes: readonly ProcessReadiness[], paint: Paint): string {
  const services = processes.flatMap(({ pid, services }) => services.map((service) => ({ pid, ...service })));
  const rows = services.map(({ service, status, pid, reasons }) => [
    service,
    status.replace("_", " "),
    String(pid),
    reasons.map(({ message }) => message).join("; "),
  ]);
  return coloured(["service", "status", "process", "why"], rows, { states: services, paint });
}

/** A row of each backing server. */
export function serversText(servers: readonly ServerReport[], paint: Paint): string {
  const rows = servers.map(({ server, status, version, address, latency_ms, reason }) => [
    server,
    status,
    version ?? "-",
    address,
    latency_ms === null ? "-" : `${latency_ms} ms`,
    reason ?? "",
  ]);
  return coloured(["server", "status", "version", "address", "latency", "why"], rows, { states: servers, paint });
}

/** A table whose lines have the colour of their status. */
function coloured(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { states, paint }: { states: readonly { status: string }[]; paint: Paint },
): string {
  const [first = "", ...lines] = table(head, rows, paint).trimEnd().split("\n");
  return [first, ...lines.map((line, i) => paint(COLOURS[states[i]!.status] ?? "reset", line)), ""].join("\n");
}
