import type { NatsConnection } from "@nats-io/nats-core";
import { expect, test } from "vitest";
import { Outbox } from "./outbox.ts";

function setup({ connected = true } = {}) {
  const written: string[] = [];
  const publish = (subject: string) => {
    if (subject.includes(" ")) throw new TypeError(`"${subject}" is no subject`);
    written.push(subject);
  };
  const outbox = new Outbox({ publish } as unknown as NatsConnection, () => connected);
  return { outbox, written };
}

test("write() gathers what one turn of the event loop writes, in order", async () => {
  const { outbox, written } = setup();
  outbox.write("a", "1");
  outbox.write("b", "2");
  expect(written).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toEqual(["a", "b"]);
});

test("flush() tells who wrote what is refused, and writes the rest", () => {
  const { outbox, written } = setup();
  const refused: unknown[] = [];
  outbox.write("not one", "1", { onRefused: (error) => refused.push(error) });
  outbox.write("not one either", "1");
  outbox.write("b", "2");
  outbox.flush();
  expect(written).toEqual(["b"]);
  expect(refused).toEqual([expect.any(TypeError)]);
});

test("flush() forgets what waits when there is no connection", () => {
  const { outbox, written } = setup({ connected: false });
  outbox.write("a", "1");
  outbox.flush();
  expect(written).toEqual([]);
});
