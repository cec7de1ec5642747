import type { Engine } from "./engine.ts";
import { EngineHealth, type HealthPace } from "./engine-health.ts";

/** The engines that are configured, and how they answer. */
export class Engines {
  readonly #engines: ReadonlyMap<string, Engine>;
  readonly #health = new Map<string, EngineHealth>();
  readonly #pace: HealthPace;

  constructor(engines: readonly Engine[], pace: HealthPace) {
    this.#engines = new Map(engines.map((engine) => [engine.name, engine]));
    this.#pace = pace;
  }

  get(name: string): Engine | undefined {
    return this.#engines.get(name);
  }

  healthOf(name: string): EngineHealth {
    const known = this.#health.get(name) ?? new EngineHealth(this.#pace);
    this.#health.set(name, known);
    return known;
  }

  /** What people are told of engines that do not do what they are asked; whoever is not left alone is asked. */
  async faults(signal: AbortSignal): Promise<string[]> {
    const asked = [...this.#engines.values()].map(async (engine) => {
      const health = this.healthOf(engine.name);
      if (health.until_ms <= Date.now())
        await engine.probe(signal).then(
          () => health.answered(),
          (error: Error) => health.told(error.message),
        );
      const fault = health.fault();
      return fault ? [`${engine.name}: ${fault.reason}`] : [];
    });
    return (await Promise.all(asked)).flat();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#engines.values()].map((engine) => engine.close()));
  }
}
