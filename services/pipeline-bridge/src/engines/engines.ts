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

  /** Of an engine, or of what is watched there (`{engine}/{namespace}`): that may be refused while the engine takes runs. */
  healthOf(name: string): EngineHealth {
    const known = this.#health.get(name) ?? new EngineHealth(this.#pace);
    this.#health.set(name, known);
    return known;
  }

  /** What people are told of engines that do not do what they are asked; whoever is not left alone is asked. */
  async faults(signal: AbortSignal): Promise<string[]> {
    const asked = [...this.#engines.values()].map(async (engine) => {
      const health = this.healthOf(engine.name);
      if (health.until_ms > Date.now()) return;
      await engine.probe(signal).then(
        () => health.answered(),
        (error: Error) => health.told(error.message),
      );
    });
    await Promise.all(asked);
    return [...this.#health].flatMap(([name, health]) => {
      const fault = health.fault();
      return fault ? [`${name}: ${fault.reason}`] : [];
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#engines.values()].map((engine) => engine.close()));
  }
}
