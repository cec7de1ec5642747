import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type MeshDeclaration, mesh } from "@gatehouse/streams";
import { collectLessOften } from "./collect-less-often.ts";
import { answerDiscovery } from "./health/answer-discovery.ts";
import type { ServiceReadiness } from "./health/readiness.ts";
import { startHealth } from "./health/start-health.ts";
import type { Log } from "./log.ts";
import { RunningService } from "./running-service.ts";
import type { AnyService, Backing } from "./service.ts";
import type { Telemetry } from "./telemetry/telemetry.ts";
import { Solitude } from "./work/solitude.ts";

export interface MeshOptions {
  services: readonly AnyService[];
  /** The checked configuration of all of them. */
  config: Readonly<Record<string, unknown>> & { readonly wire?: { readonly cloudevents: boolean } };
  backing: Backing;
  home: string;
  log: Log;
  telemetry: Telemetry;
  /** Where health and metrics listen; port 0: any free one. */
  health: { host: string; port: number };
  /** Aborted: all stop, in order, also while they start. */
  signal?: AbortSignal;
  /** The streams and consumers that there are; by default those of `streams/`. */
  declared?: MeshDeclaration;
  /** Told after each step of a flow; tests kill the process there. */
  onStage?: (stage: string) => void | Promise<void>;
}

/** What the services of one process share. */
export interface MeshParts extends Pick<MeshOptions, "config" | "backing" | "home" | "log" | "telemetry" | "onStage"> {
  instance: string;
  solitude: Solitude;
  declared: MeshDeclaration;
  readiness(): ServiceReadiness[];
}

/** The services of one process, running. */
export interface RunningMesh {
  health_url: string;
  doors(): { service: string; name: string; url: string | null }[];
  readiness(): ServiceReadiness[];
  /** Stops all, in order, each step bounded. Repeatable. */
  stop(): Promise<void>;
}

const REFRESH_MS = 2_000;

/**
 * Runs services in this process: health listens at once, each service starts as soon as what it needs is there.
 * Resolves when all have started, or were stopped meanwhile. @throws what is wrong with a service itself; then everything is stopped again.
 */
export async function runServices(options: MeshOptions): Promise<RunningMesh> {
  const { services, telemetry, log } = options;
  const parts: MeshParts = {
    ...options,
    instance: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    solitude: new Solitude(),
    declared: options.declared ?? mesh(),
    readiness: () => running.map((service) => service.readiness()),
  };
  const running: RunningService[] = services.map((service) => new RunningService(service, parts));
  const health = await startHealth({ ...options.health, services: parts.readiness, metrics: telemetry.metrics });
  const discovery = answerDiscovery({ backing: options.backing, instance: parts.instance, services: parts.readiness });
  const refreshing = setInterval(
    () => void Promise.allSettled(running.map((service) => service.refresh())),
    REFRESH_MS,
  ).unref();
  const unmeasured = telemetry.metrics.beforeShown(() => {
    for (const { service, in_flight } of running)
      for (const [consumer, count] of in_flight)
        telemetry.metrics.in_flight.bind({ service: service.name, consumer }).set(count);
  });
  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopped ??= stopAll();
    return stopped;
  };
  const stopAll = async (): Promise<void> => {
    clearInterval(refreshing);
    unmeasured();
    await Promise.all(running.map((service) => service.stop()));
    await Promise.all([discovery.stop(), health.stop()]);
    log.info({}, "services stopped");
  };
  options.signal?.addEventListener("abort", stop, { once: true });
  try {
    options.signal?.throwIfAborted();
    await Promise.all(running.map((service) => service.start()));
    collectLessOften();
  } catch (error) {
    await stop();
    throw error;
  }
  const doors = () =>
    running.flatMap(({ service, doors }) => doors.map((door) => ({ service: service.name, ...door })));
  return { health_url: health.url, doors, readiness: parts.readiness, stop };
}
