import type { Bus, StoredMessage } from "@gatehouse/runtime";
import { NotFoundError } from "../errors.ts";
import { redriveOf } from "./dead-letter.ts";
import { STREAM } from "./list-dead-letters.ts";

/** @throws {NotFoundError | BusUnavailableError} */
export async function findDeadLetter(bus: Bus, seq: number): Promise<StoredMessage> {
  const message = await bus.message(STREAM, seq);
  if (!message) throw new NotFoundError(`Cannot find dead letter ${seq}`);
  return message;
}

/**
 * Hands a dead letter to its service again; only when the broker has it, it is removed. A repeat is harmless.
 * @throws {NotFoundError | NotRedrivableError | BusUnavailableError}
 */
export async function redrive(bus: Bus, seq: number): Promise<{ stream: string; seq: number; duplicate: boolean }> {
  const message = await findDeadLetter(bus, seq);
  const { subject, id, headers } = redriveOf(message);
  const kept = await bus.publish(subject, message.body, { id, headers });
  await bus.removeMessage(STREAM, seq);
  return kept;
}
