/** Lets a number of tasks run at the same time; others wait for their turn, in order. */
export interface Turns {
  run(task: () => Promise<void>, signal: AbortSignal): Promise<void>;
}

export function createTurns(most: number): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async run(task, signal) {
      if (running < most) running++;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        if (!signal.aborted) await task();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
