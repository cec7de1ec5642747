import { expect, test } from "vitest";
import { outage } from "./outage.ts";

// Each has servers of its own, and mostly waits.
test.concurrent.each(["postgres", "redis", "nats"] as const)(
  "%s may be away under load: readyz names it, and afterwards everything is there once",
  async (server) => {
    const verdict = await outage({ server, seconds: 6, frames: 40 });
    expect(verdict).toMatchObject({ faults: [], sets: 40 });
    expect(JSON.stringify(verdict.readiness)).toContain(server === "nats" ? "broker" : server);
    expect(verdict.health_status).toBe(server === "redis" ? 200 : 503);
  },
  120_000,
);
