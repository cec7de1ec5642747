import { describeError } from "@gatehouse/errors";
import type { RunFile } from "@gatehouse/local";
import type { ServiceReadiness } from "@gatehouse/runtime";

/** How one process is, as its health listener tells. */
export interface ProcessReadiness {
  pid: number;
  health_url: string;
  services: readonly ServiceReadiness[];
}

const ANSWER_MS = 3_000;

/** Asks every process of `run.json`; one that does not answer makes its services not ready. Never rejects. */
export function askReadiness(processes: RunFile["processes"]): Promise<ProcessReadiness[]> {
  return Promise.all(
    processes.map(async ({ services, pid, health_url }) => ({
      pid,
      health_url,
      services: await readinessAt(health_url).catch((error: unknown) =>
        services.map((service) => silent(service, error)),
      ),
    })),
  );
}

async function readinessAt(health_url: string): Promise<ServiceReadiness[]> {
  const answer = await fetch(`${health_url}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
  return ((await answer.json()) as { services: ServiceReadiness[] }).services;
}

function silent(service: string, error: unknown): ServiceReadiness {
  const { message } = describeError((error as Error).cause ?? error);
  return {
    service,
    status: "not_ready",
    reasons: [{ code: "NO_ANSWER", message: `Its process does not answer: ${message}`, since_ms: Date.now() }],
  };
}
