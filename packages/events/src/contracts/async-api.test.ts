import { expect, test } from "vitest";
import { eventTypes } from "../event-types.ts";
import { asyncApi } from "./async-api.ts";

const streams = [{ name: "CAMERA_FRAMES", subjects: ["camera.*.frame"] }];
const document = asyncApi({ streams });
type Node = Record<string, unknown>;

/** Every `$ref` in the document, and what it leads to. */
function references(node: unknown): [string, unknown][] {
  if (typeof node !== "object" || node === null) return [];
  const { $ref } = node as { $ref?: string };
  const here: [string, unknown][] = typeof $ref === "string" ? [[$ref, follow($ref)]] : [];
  return [...here, ...Object.values(node).flatMap(references)];
}

function follow(ref: string): unknown {
  return ref
    .split("/")
    .slice(1)
    .reduce<unknown>((at, key) => (at as Node | undefined)?.[key], document);
}

test("asyncApi() has what AsyncAPI 3.0 requires of the root", () => {
  expect(document.asyncapi).toBe("3.0.0");
  expect(document.info.title).not.toBe("");
  expect(document.info.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(Object.keys(document).sort()).toEqual([
    "asyncapi",
    "channels",
    "components",
    "defaultContentType",
    "info",
    "operations",
  ]);
});

test("asyncApi() has references that all lead somewhere", () => {
  const all = references(document);
  expect(all.length).toBeGreaterThanOrEqual(4 * eventTypes.length);
  expect(all.filter(([, target]) => target === undefined)).toEqual([]);
});

test.each(eventTypes.map((event) => [event.name, event] as const))(
  "asyncApi() describes %s",
  (name, { subject, summary, schema }) => {
    const channel = document.channels[name] as Node;
    const ids = [...subject.matchAll(/\{(\w+)\}/g)].map(([, id]) => id);
    expect(channel).toMatchObject({ address: subject, summary });
    expect(Object.keys((channel.parameters ?? {}) as Node)).toEqual(ids);
    expect(document.operations[name]).toMatchObject({
      action: expect.stringMatching(/^(send|receive)$/),
      channel: { $ref: `#/channels/${name}` },
    });
    const message = document.components.messages[name] as { examples: { payload: Node }[] };
    expect(message).toMatchObject({ name, summary });
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(Object.keys(message.examples[0]!.payload)));
  },
);

test("asyncApi() says where a subject is kept", () => {
  expect(document.channels["camera-frame"]).toMatchObject({ description: "Kept in the stream CAMERA_FRAMES" });
  expect(document.channels["chat-message"]).toMatchObject({ description: "Kept in no stream" });
});

test("asyncApi() is plain JSON", () => {
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
});
