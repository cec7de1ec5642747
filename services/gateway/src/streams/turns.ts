/** Lets a number of tasks run at the same time; others wait for their turn, in order, or leave when they are aborted. */
export interface Turns {
  run(task: () => Promise<void>, signal: AbortSignal): Promise<void>;
}

export function createTurns(most: number): Turns {
  let running = 0;
  const waiting = new Set<() => void>();
  const turn = (signal: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const begin = (): void => {
        signal.removeEventListener("abort", leave);
        resolve(true);
      };
      const leave = (): void => {
        waiting.delete(begin);
        resolve(false);
      };
      waiting.add(begin);
      signal.addEventListener("abort", leave, { once: true });
    });
  return {
    async run(task, signal) {
      if (signal.aborted) return;
      if (running < most) running++;
      else if (!(await turn(signal))) return;
      try {
        if (!signal.aborted) await task();
      } finally {
        const [next] = waiting;
        if (next) waiting.delete(next);
        if (next) next();
        else running--;
      }
    },
  };
}
