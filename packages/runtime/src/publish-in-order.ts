import type { PublishAck } from "./bus/bus.ts";
import { FencedError } from "./errors.ts";
import { ack, retry, type Verdict } from "./verdict.ts";

/** What was written in an order, and is to be published in that order. */
export interface Unpublished<Row> {
  /** What is not known to be published, oldest first. */
  rows(): Promise<Row[]>;
  /** Publishes one, `fenced`. */
  publish(row: Row): Promise<PublishAck>;
  /** Notes where it was kept. */
  mark(row: Row, seq: number): Promise<void>;
}

const TRIES = 8;
const AGAIN_MS = 100;

/**
 * Publishes what was written and not yet published, each after the one before it was acknowledged. Several may do so at
 * once, and one of them may have been paused in between: each looks first whether the row is there, and the broker
 * refuses it when anybody published to the subject since that look.
 */
export async function publishInOrder<Row>(unpublished: Unpublished<Row>): Promise<Verdict> {
  for (let tries = 0; tries < TRIES; tries++) if (await publishAll(unpublished)) return ack;
  return retry({ afterMs: AGAIN_MS });
}

/** False when another writer came in between. */
async function publishAll<Row>({ rows, publish, mark }: Unpublished<Row>): Promise<boolean> {
  for (const row of await rows()) {
    try {
      await mark(row, (await publish(row)).seq);
    } catch (error) {
      if (error instanceof FencedError) return false;
      throw error;
    }
  }
  return true;
}
