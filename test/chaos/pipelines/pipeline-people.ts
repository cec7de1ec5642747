import { seeded } from "../../harness/random.ts";
import type { World } from "../../harness/world.ts";
import type { AcceptedTrigger, ToldStatus } from "./pipelines-story.ts";
import { isRefusal } from "./pipelines-verdict.ts";

const AGAIN_MS = 100;
const PUBLISH_MS = 3_000;
/** A cancel comes within this part of the time that a run takes: it is to find it open. */
const CANCEL_WITHIN = 0.2;

/** The pipelines of the storm, by engine; both want a number. */
export const PIPELINES = { argo: "batch-inference", kubeflow: "rag-query" } as const;

export interface PipelinePeopleOptions {
  triggers: number;
  seed: number;
  /** How long a run takes. */
  run_ms: number;
  /** Has a failed run go on. @throws while it cannot be asked for */
  retry(request_id: string): Promise<unknown>;
}

/** People who run pipelines over the bus: some cancel theirs, and whoever's failed has it go on. */
export class PipelinePeople {
  readonly #world: World;
  readonly #options: PipelinePeopleOptions;
  readonly #later: Promise<void>[] = [];
  readonly #known = new Map<string, AcceptedTrigger>();
  readonly triggers: AcceptedTrigger[] = [];

  constructor(world: World, options: PipelinePeopleOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Resolves when every trigger, and every cancel, was accepted. They are spread over `lasts_ms`; once `over` aborts they come at once. */
  async run(lasts_ms: number, over: AbortSignal): Promise<void> {
    const { seed, triggers, run_ms } = this.#options;
    const random = seeded(seed + 1);
    const between_ms = lasts_ms / triggers;
    for (let i = 0; i < triggers; i++) {
      const trigger = triggerOf(i, random);
      const { request_id, engine, fate } = trigger;
      this.#known.set(request_id, trigger);
      this.triggers.push(trigger);
      const parameters = { number: fate === "bad" ? "many" : i };
      const body = { request_id, pipeline: PIPELINES[engine], parameters };
      await this.#publish("ai.pipeline.trigger", body, request_id);
      if (random() < 0.1) await this.#publish("ai.pipeline.trigger", body, `${request_id}.again`);
      if (fate === "cancel") this.#later.push(this.#cancel(trigger, random() * CANCEL_WITHIN * run_ms));
      if (!over.aborted) await sleep(between_ms * 2 * random());
    }
    await this.settled();
  }

  /** Hears a status: a run that failed, or was refused, is tried again. */
  hear(told: ToldStatus): void {
    const { request_id, status } = told;
    const is_wanted = this.#known.get(request_id)?.fate === "run";
    if (is_wanted && (status === "failed" || isRefusal(told))) this.#later.push(this.#retry(request_id));
  }

  /** Resolves when nobody is about to ask for anything. */
  async settled(): Promise<void> {
    while (this.#later.length > 0) await this.#later.pop();
  }

  async #cancel(trigger: AcceptedTrigger, after_ms: number): Promise<void> {
    const { request_id } = trigger;
    await sleep(after_ms);
    await this.#publish("ai.pipeline.cancel", { request_id }, `${request_id}.cancel`);
    trigger.cancel_acked_at_ms = Date.now();
  }

  async #retry(request_id: string): Promise<void> {
    for (let asked = false; !asked; ) {
      asked = await this.#options.retry(request_id).then(
        () => true,
        () => sleep(AGAIN_MS).then(() => false),
      );
    }
  }

  /** As often as it takes until the broker acknowledged it; the message id makes repeats harmless. */
  async #publish(subject: string, fields: object, id: string): Promise<void> {
    const body = Buffer.from(JSON.stringify(fields));
    const options = { id, timeout_ms: PUBLISH_MS };
    while (!(await this.#world.bus.publish(subject, body, options).catch(() => null))) await sleep(AGAIN_MS);
  }
}

function triggerOf(i: number, random: () => number): AcceptedTrigger {
  const engine = random() < 0.5 ? "argo" : "kubeflow";
  const chance = random();
  const fate = chance < 0.25 ? "cancel" : chance < 0.3 ? "bad" : "run";
  return { request_id: `r-${i}`, engine, fate, cancel_acked_at_ms: null };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
