import { mesh } from "@gatehouse/streams";
import { expect, test } from "vitest";
import { service } from "./service.ts";

const durable = (name: string) =>
  mesh()
    .streams.flatMap(({ consumers }) => consumers)
    .find((consumer) => consumer.durable === name);

test("service takes messages in one at a time over all processes, and cancels beside each other", () => {
  const declared = service.inputs!.map(({ consumer }) => durable(consumer));
  expect(declared).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ durable: "chat-handler", filter: "ai.chat.user.*.message", max_ack_pending: 1 }),
      expect.objectContaining({ durable: "chat-handler-cancel", filter: "ai.chat.user.*.cancel", in_flight: 64 }),
    ]),
  );
});

test("service has a handler for each kind of due work that it writes", () => {
  expect(Object.keys(service.due!)).toEqual(expect.arrayContaining(["answer", "tell", "forget"]));
});
