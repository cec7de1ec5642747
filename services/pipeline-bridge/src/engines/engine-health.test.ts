import { expect, test } from "vitest";
import { EngineAwayError, EngineBusyError, EngineInDoubtError } from "../errors.ts";
import { EngineHealth, isAway } from "./engine-health.ts";

const PACE = { away_least_ms: 1_000, away_most_ms: 30_000 };
const away = new EngineAwayError("Cannot submit as argo must answer: connection refused");

/** What the health said last, in milliseconds from now, rounded up to the second that it is. */
const seconds = (health: EngineHealth) => Math.ceil((health.until_ms - Date.now()) / 1_000);

test("failed() leaves an engine alone, and many who ask at once count once", () => {
  const health = new EngineHealth(PACE);
  expect([health.is_away, health.fault()]).toEqual([false, null]);
  for (let i = 0; i < 16; i++) health.failed(away);
  expect([health.is_away, seconds(health), health.fault()?.reason]).toEqual([true, 1, away.message]);
});

test("failed() doubles the time each time that it was tried, up to the longest", () => {
  const health = new EngineHealth({ away_least_ms: 0, away_most_ms: 0 });
  for (let i = 0; i < 3; i++) health.failed(away);
  expect(health.until_ms).toBeLessThanOrEqual(Date.now());
  const patient = new EngineHealth({ away_least_ms: 100_000, away_most_ms: 30_000 });
  patient.failed(away);
  expect(seconds(patient)).toBe(30);
});

test("failed() keeps to what an engine asks for, at most an hour", () => {
  const health = new EngineHealth(PACE);
  health.failed(new EngineBusyError("Too many", { retry_after_ms: 7_000 }));
  expect(seconds(health)).toBe(7);
  health.failed(away);
  expect(seconds(health)).toBe(7);
  health.failed(new EngineBusyError("Too many", { retry_after_ms: 1e12 }));
  expect(seconds(health)).toBe(3_600);
});

test("answered() does not shorten the time that an engine asked for", () => {
  const health = new EngineHealth(PACE);
  health.failed(new EngineBusyError("Too many", { retry_after_ms: 7_000 }));
  health.answered();
  expect([health.is_away, seconds(health)]).toEqual([false, 7]);
});

test("answered() forgets that it was away", () => {
  const health = new EngineHealth(PACE);
  health.failed(away);
  health.answered();
  expect([health.is_away, health.until_ms, health.fault()]).toEqual([false, 0, null]);
});

test("isAway() takes no answer about one run for the word of an engine that is away", () => {
  const answered = new EngineAwayError("Cannot look as argo must be able to answer", { facts: { status: 500 } });
  const doubt = new EngineInDoubtError("Cannot submit as argo must say whether it was done");
  expect([away, new EngineBusyError("busy"), answered, doubt].map(isAway)).toEqual([true, true, false, false]);
});
