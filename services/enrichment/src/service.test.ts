import { mesh } from "@gatehouse/streams";
import { expect, test } from "vitest";
import { service } from "./service.ts";

test("service reads the detections of every camera from its durable consumer", () => {
  const consumers = mesh().streams.flatMap(({ consumers }) => consumers);
  const declared = service.inputs!.map(({ consumer }) => consumers.find(({ durable }) => durable === consumer));
  expect(declared).toMatchObject([{ durable: "enrichment", filter: "camera.*.detections", deliver: "all" }]);
});

test("service has a handler for each kind of due work that it writes", () => {
  expect(Object.keys(service.due!)).toEqual(expect.arrayContaining(["early", "score", "tell"]));
});
