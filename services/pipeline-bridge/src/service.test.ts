import { mesh } from "@gatehouse/streams";
import { expect, test } from "vitest";
import { service } from "./service.ts";

test("service reads durables that the mesh declares, and keeps nothing that takes long in a message", () => {
  const declared = mesh().streams.flatMap(({ consumers }) => consumers);
  const read = service.inputs!.map(({ consumer }) => declared.find(({ durable }) => durable === consumer));
  expect(read.map((durable) => [durable?.durable, durable?.in_flight])).toEqual(
    expect.arrayContaining([
      ["pipeline-bridge", 16],
      ["pipeline-bridge-cancel", 64],
    ]),
  );
});

test("service has a handler for each kind of due work that it writes", () => {
  const kinds = ["submit", "watch", "tell", "cancel", "timeout", "retry", "vanished", "reconcile", "forget"];
  expect(Object.keys(service.due!)).toEqual(expect.arrayContaining(kinds));
});
