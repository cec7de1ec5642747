import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceReadiness } from "@gatehouse/runtime";
import { REDRIVABLE } from "@gatehouse/streams";
import type { Deps } from "../deps.ts";

/** A service as people are shown it. */
export interface ShownService extends ServiceReadiness {
  /** Which of several replicas; null: only the service is known. */
  instance: string | null;
}

const ASK_MS = 1_000;

/**
 * How the services of all processes are: what each says on the bus. One that takes messages in and says nothing is shown
 * as silent. What is not on the bus (stand-ins for model servers) is asked where `run.json` says.
 */
export async function allServices({ bus, readiness, home }: Deps): Promise<ShownService[]> {
  const own = readiness();
  const expected = new Set([...own.map(({ service }) => service), ...REDRIVABLE]);
  const shown: ShownService[] = await bus.services([...expected]);
  const add = (services: readonly ServiceReadiness[]): void => {
    const strangers = services.filter(({ service }) => shown.every((known) => known.service !== service));
    shown.push(...strangers.map((service) => ({ ...service, instance: null })));
  };
  add(own);
  const known = new Set(shown.map(({ service }) => service));
  const unknown = (await processesOf(home)).filter(({ services }) => services.some((service) => !known.has(service)));
  for (const services of await Promise.all(unknown.map(({ health_url }) => askReadiness(health_url)))) add(services);
  add([...expected].map(silent));
  return shown;
}

const silent = (service: string): ServiceReadiness => ({
  service,
  status: "not_ready",
  reasons: [{ code: "SILENT", message: `${service} did not answer on the bus within 1 s`, since_ms: Date.now() }],
});

interface Process {
  services: string[];
  health_url: string;
}

async function processesOf(home: string): Promise<Process[]> {
  const file = await readFile(join(home, "run.json"), "utf8").catch(() => "{}");
  return (JSON.parse(file) as { processes?: Process[] }).processes ?? [];
}

async function askReadiness(health_url: string): Promise<ServiceReadiness[]> {
  try {
    const answer = await fetch(new URL("/readyz", health_url), { signal: AbortSignal.timeout(ASK_MS) });
    return ((await answer.json()) as { services: ServiceReadiness[] }).services;
  } catch {
    return [];
  }
}
