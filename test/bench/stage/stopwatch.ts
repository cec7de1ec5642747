import { type CpuUsed, startCpu } from "../measure/cpu.ts";
import type { StageResult } from "./wire.ts";

/** Measures from the first message to the last one settled. */
export class Stopwatch {
  readonly #done = Promise.withResolvers<StageResult>();
  readonly #broker_pid: number;
  #left: number;
  #end: (() => CpuUsed) | null = null;
  #own = process.cpuUsage();

  constructor(count: number, broker_pid: number) {
    this.#left = count;
    this.#broker_pid = broker_pid;
  }

  /** Resolves when all are settled. */
  get finished(): Promise<StageResult> {
    return this.#done.promise;
  }

  begin(): void {
    if (this.#end) return;
    this.#own = process.cpuUsage();
    this.#end = startCpu({ own: process.pid, broker: this.#broker_pid });
  }

  /** One more is settled. */
  count(): void {
    if (--this.#left === 0) setImmediate(() => this.#finish());
  }

  #finish(): void {
    const { elapsed_ms, by_name, foreign_cores } = this.#end!();
    const { user, system } = process.cpuUsage(this.#own);
    this.#done.resolve({ elapsed_ms, own_cpu_us: user + system, broker_cpu_us: by_name.broker!, foreign_cores });
  }
}
