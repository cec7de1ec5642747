/** How a model server is spoken to. */
export type Protocol = "grpc" | "http";

/** What a client is to do. */
export interface Order {
  protocol: Protocol;
  url: string;
  /** Of the picture in each question. */
  bytes: number;
  count: number;
  at_once: number;
}

/** What a client did. */
export interface Taken {
  elapsed_ms: number;
  cpu_us: number;
  /** Answers of the right size. */
  answered: number;
}

export const MODEL = "bench";
export const INPUT = "IMAGE";
export const OUTPUT = "output0";
/** A YOLO end-to-end output without objects. */
export const OUTPUT_SHAPE = [1, 300, 6];
export const OUTPUT_BYTES = 300 * 6 * 4;
/** HTTP/2 window and frame of both sides. */
export const WINDOW_BYTES = 16 * 1024 * 1024;

/** Runs `ask` so many times, some at once. */
export async function runAll({ count, at_once }: Order, ask: () => Promise<boolean>): Promise<Taken> {
  let left = count;
  let answered = 0;
  const cpu = process.cpuUsage();
  const begin_ms = performance.now();
  const loop = async (): Promise<void> => {
    while (left-- > 0) if (await ask()) answered++;
  };
  await Promise.all(Array.from({ length: at_once }, loop));
  const elapsed_ms = performance.now() - begin_ms;
  const { user, system } = process.cpuUsage(cpu);
  return { elapsed_ms, cpu_us: user + system, answered };
}
