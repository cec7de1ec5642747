import { headers as createHeaders, type Msg } from "@nats-io/nats-core";
import { expect, test } from "vitest";
import { deliveryFacts } from "../bus/jetstream-message.ts";
import { originOf } from "./origin.ts";

function originOfMessage(subject: string, fields: Record<string, string>) {
  const headers = createHeaders();
  for (const [name, value] of Object.entries(fields)) headers.set(name, value);
  const reply = "$JS.ACK.REDRIVE.reader-redrive.2.41.42.1763700000123000000.0";
  const message = { subject, headers, data: new Uint8Array([1]), reply } as unknown as Msg;
  return originOf(message, deliveryFacts(message));
}

test("originOf() takes a message as it is, without what only we may say", () => {
  const origin = originOfMessage("note.a.made", { "Nats-Msg-Id": "a.1", "Gatehouse-Subject": "note.b.made", x: "y" });
  expect(origin.received).toMatchObject({ subject: "note.a.made", seq: 41, time_ms: 1_763_700_000_123, msg_id: "a.1" });
  expect(origin.headers).toEqual({ "Nats-Msg-Id": "a.1", x: "y" });
  expect(origin.redriven).toBe(false);
});

test("originOf() gives a message that was driven again its own subject, id, time and headers back", () => {
  const origin = originOfMessage("redrive.reader", {
    "Nats-Msg-Id": "redrive.7",
    "Gatehouse-Id": "a.1",
    "Gatehouse-Stream": "NOTES",
    "Gatehouse-Subject": "note.a.made",
    "Gatehouse-Seq": "3",
    "Gatehouse-Time": "1763600000000",
    "Gatehouse-Original-Nats-Msg-Id": "from-afar",
  });
  expect(origin.received).toMatchObject({
    subject: "note.a.made",
    seq: 3,
    time_ms: 1_763_600_000_000,
    msg_id: "from-afar",
  });
  expect(origin.headers).toEqual({ "Nats-Msg-Id": "from-afar" });
  expect(origin.redriven).toBe(true);
});

test("originOf() knows no message id where the publisher set none, but that of a door's letter", () => {
  const letter = { "Gatehouse-Id": "NOTES.3", "Gatehouse-Subject": "note.a.made", "Gatehouse-Stream": "NOTES" };
  expect(originOfMessage("redrive.reader", letter).received.msg_id).toBeNull();
  const door = { ...letter, "Gatehouse-Stream": "door", "Gatehouse-Id": "a.1" };
  expect(originOfMessage("redrive.reader", door).received.msg_id).toBe("a.1");
});
