import { expect, test, vi } from "vitest";
import type { Deps } from "../deps.ts";
import type { Connection } from "./connection.ts";
import { watchConnections } from "./watch-connections.ts";

function connection(key_id: string | null) {
  const told: string[] = [];
  const one = {
    alive_at_ms: performance.now(),
    identity: key_id === null ? null : { key_id },
    close: (code: number, reason: string) => told.push(`${code} ${reason}`),
    socket: { ping: () => told.push("ping") },
  };
  return { one: one as unknown as Connection & { alive_at_ms: number }, told };
}

test("connections are pinged every 30 s, and end after 300 s without a pong", () => {
  vi.useFakeTimers();
  const silent = connection(null);
  const alive = connection(null);
  const deps = { keyring: { byId: async () => null } } as unknown as Deps;
  const watching = watchConnections(new Set([silent.one, alive.one]), deps);
  vi.advanceTimersByTime(300_000);
  expect(silent.told).toEqual(Array(10).fill("ping"));
  alive.one.alive_at_ms = performance.now();
  vi.advanceTimersByTime(30_000);
  expect([silent.told.at(-1), alive.told.at(-1)]).toEqual(["1008 no pong for 300 s", "ping"]);
  watching.stop();
  vi.advanceTimersByTime(60_000);
  expect(alive.told).toHaveLength(11);
  vi.useRealTimers();
});

test("a connection ends when its key was revoked, or when nobody vouches for it any more", async () => {
  vi.useFakeTimers();
  const ada = connection("ada");
  const bob = connection("bob");
  const key = { key_id: "bob" };
  const keyring = {
    byId: vi
      .fn()
      .mockResolvedValueOnce(null)
      .mockResolvedValueOnce(key)
      .mockResolvedValueOnce(null)
      .mockRejectedValueOnce(new Error("away")),
  };
  const watching = watchConnections(new Set([ada.one, bob.one]), { keyring } as unknown as Deps);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([ada.told, bob.told]).toEqual([["1008 the key was revoked"], []]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(bob.told).toEqual(["1011 the key cannot be checked"]);
  watching.stop();
  vi.useRealTimers();
});
