import type { Bus } from "@gatehouse/runtime";
import { expect, test } from "vitest";
import { createLive } from "./live.ts";
import type { SharedMessage } from "./shared-message.ts";

test("follow() shares one subscription on the bus, and ends it with the last reader", () => {
  const open = new Map<string, (message: object) => void>();
  const bus = {
    subscribe: (subject: string, onMessage: (message: object) => void) => {
      expect(open.has(subject)).toBe(false);
      open.set(subject, onMessage);
      return () => open.delete(subject);
    },
  } as unknown as Bus;
  const live = createLive(bus);
  const heard: [string, SharedMessage][] = [];
  const reader = (name: string) => ({
    pattern: "a.*",
    deliver: (message: SharedMessage) => void heard.push([name, message]),
  });
  const first = live.follow(reader("ada"));
  const second = live.follow(reader("bob"));
  open.get("a.*")!({ subject: "a.x", headers: {}, body: Buffer.from("{}") });
  expect(heard.map(([name]) => name)).toEqual(["ada", "bob"]);
  expect(heard[0]![1]).toBe(heard[1]![1]);
  first();
  first();
  expect(open.size).toBe(1);
  second();
  expect(open.size).toBe(0);
});
