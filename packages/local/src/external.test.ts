import { expect, test } from "vitest";
import { splitNatsUrl } from "./external.ts";

test.each([
  ["nats://a:4222", { url: "nats://a:4222", user: null, password: null }],
  ["a:4222", { url: "nats://a:4222", user: null, password: null }],
  ["nats://me:p%40ss@a:4222/", { url: "nats://a:4222", user: "me", password: "p@ss" }],
  ["nats://token@a", { url: "nats://a", user: "token", password: null }],
  ["nats://me:x@a:1, tls://me:x@b:2", { url: "nats://a:1,tls://b:2", user: "me", password: "x" }],
])("splitNatsUrl(%j) takes the credentials out", (text, expected) => {
  expect(splitNatsUrl(text)).toEqual(expected);
});

test("splitNatsUrl() refuses what is no URL without repeating it", () => {
  expect(() => splitNatsUrl("nats://me:secret@")).toThrow(/Cannot use NATS_URL as it must be a URL with a host/);
  expect(() => splitNatsUrl("nats://me:secret@")).not.toThrow(/secret/);
});
