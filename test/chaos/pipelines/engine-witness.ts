import { setTimeout as timer } from "node:timers/promises";
import type { KeptRun as ArgoRun } from "../../harness/engines/argo-runs.ts";
import { contractOf, runsOf } from "../../harness/engines/engine-client.ts";
import type { KeptRun as KubeflowRun } from "../../harness/engines/kubeflow-runs.ts";
import type { LoggedRun, RunState } from "./pipelines-story.ts";

const LOOK_EVERY_MS = 500;

const ARGO_PHASES: Record<string, RunState> = {
  "": "pending",
  Pending: "pending",
  Running: "running",
  Succeeded: "succeeded",
  Failed: "failed",
  Error: "error",
};
const KUBEFLOW_STATES: Record<string, RunState> = {
  PENDING: "pending",
  RUNNING: "running",
  CANCELING: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  CANCELED: "cancelled",
};

/** Asks the test engines what they saw. */
export class EngineWitness {
  readonly #urls: { argo: string; kubeflow: string };
  readonly #faults = new Set<string>();
  readonly #met = new Map<string, Meeting>();
  readonly #ending = new AbortController();
  readonly #loop: Promise<void>;

  constructor(urls: { argo: string; kubeflow: string }) {
    this.#urls = urls;
    this.#loop = this.#run();
  }

  /** Requests that were not what the published definitions say, one line each. An engine forgets them when it is killed, so they are asked for all the time. */
  async contractFaults(): Promise<string[]> {
    await this.#look();
    return [...this.#faults];
  }

  /** Faults that requests have met, by kind; but for those that an engine counted between the last look and its death. */
  met(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const { kind, sum } of this.#met.values()) sums[kind] = (sums[kind] ?? 0) + sum;
    return sums;
  }

  /** What the engines have written down themselves, in all their lives. @throws while one of them is away */
  async logs(): Promise<LoggedRun[]> {
    const [argo, kubeflow] = await Promise.all([
      runsOf<ArgoRun>(this.#urls.argo),
      runsOf<KubeflowRun>(this.#urls.kubeflow),
    ]);
    return [
      ...argo.map(({ given, created_at_ms, history, has_vanished }): LoggedRun => {
        const states = distinct(history.map(({ phase }) => ARGO_PHASES[phase]!));
        return { engine: "argo", run_name: given.name, run_id: given.name, created_at_ms, states, has_vanished };
      }),
      ...kubeflow.map(({ run_id, given, created_at_ms, history, has_vanished }): LoggedRun => {
        const states = distinct(history.map(({ state }) => KUBEFLOW_STATES[state]!));
        return { engine: "kubeflow", run_name: given.display_name, run_id, created_at_ms, states, has_vanished };
      }),
    ];
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await this.#look().catch(() => undefined);
      await timer(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    for (const url of Object.values(this.#urls)) {
      const { faults, met } = await contractOf(url);
      for (const fault of faults) this.#faults.add(fault);
      for (const [kind, count] of Object.entries(met)) {
        const { sum, last } = this.#met.get(`${url} ${kind}`) ?? { sum: 0, last: 0 };
        this.#met.set(`${url} ${kind}`, { kind, sum: sum + count - (count < last ? 0 : last), last: count });
      }
    }
  }
}

/** A count that begins anew when its engine was killed. */
interface Meeting {
  kind: string;
  sum: number;
  last: number;
}

const distinct = <T>(all: readonly T[]): T[] => all.filter((one, i) => i === 0 || one !== all[i - 1]);
