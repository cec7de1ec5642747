import { setTimeout as timer } from "node:timers/promises";

const LOOK_EVERY_MS = 10;

/** Resolves when it is so; looks again and again for what tells nobody. Errors count as "not yet". @throws after `within_ms` */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  { within_ms = 30_000 }: { within_ms?: number } = {},
): Promise<void> {
  const deadline_ms = performance.now() + within_ms;
  let fault = "it is not so";
  while (performance.now() < deadline_ms) {
    try {
      if (await isSo()) return;
    } catch (error) {
      fault = String(error);
    }
    await timer(LOOK_EVERY_MS);
  }
  throw new Error(`Waited ${within_ms} ms until ${what}: ${fault}`);
}
