import { eventTypes, isPattern, patternContains, patternsOverlap, wildcardOf } from "@gatehouse/events";
import { expect, test } from "vitest";
import { MB } from "./declaration.ts";
import { mesh, meshBytes, REDRIVABLE, STREAM_DEFAULTS } from "./mod.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const { streams, buckets } = mesh();
const named = streams.map((stream) => [stream.name, stream] as const);
const consumers = streams.flatMap((stream) =>
  stream.consumers.map((consumer) => [consumer.durable, consumer, stream] as const),
);

test("mesh() declares the streams of the contract with their subjects and ages", () => {
  const declared = Object.fromEntries(
    streams.map(({ name, subjects, max_age_ms }) => [name, [subjects.join(" "), max_age_ms]]),
  );
  expect(declared).toEqual({
    COMPANIONS_LOGINS: ["ai.chat.user.*.login", 7 * DAY_MS],
    COMPANIONS_CHAT: ["ai.chat.user.*.message ai.chat.user.*.cancel ai.chat.user.*.greeting.*", 30 * DAY_MS],
    AI_CHAT_STREAM: ["ai.chat.response.stream.>", 5 * MINUTE_MS],
    AI_VOICE_STREAM: ["ai.voice.>", HOUR_MS],
    AI_PIPELINE: ["ai.pipeline.>", DAY_MS],
    CAMERA_FRAMES: ["camera.*.frame", DAY_MS],
    CAMERA_DETECTIONS: ["camera.*.detections", 7 * DAY_MS],
    CAMERA_STATE: ["camera.*.status", 365 * DAY_MS],
    SECURITY_EVENTS: ["camera.*.event.> alert.>", 30 * DAY_MS],
    SCAN: ["scan.>", DAY_MS],
    DEAD_LETTERS: ["dead.>", 30 * DAY_MS],
    REDRIVE: ["redrive.>", 7 * DAY_MS],
  });
});

test("mesh() names every stream, durable and bucket once", () => {
  for (const names of [
    streams.map(({ name }) => name),
    consumers.map(([durable]) => durable),
    buckets.map(({ name }) => name),
  ])
    expect(new Set(names).size).toBe(names.length);
});

test("mesh() has no subject that two streams could keep", () => {
  const subjects = streams.flatMap((stream) => stream.subjects.map((subject) => ({ name: stream.name, subject })));
  for (const [i, one] of subjects.entries())
    for (const other of subjects.slice(i + 1))
      expect({ one, other, overlap: patternsOverlap(one.subject, other.subject) }).toMatchObject({ overlap: false });
});

test("mesh() has subjects that a broker takes", () => {
  for (const { subjects } of streams)
    for (const subject of subjects) expect([subject, isPattern(subject)]).toEqual([subject, true]);
});

test.each(eventTypes.map((event) => [event.name, event] as const))(
  "mesh() keeps %s in one stream, or in none if it is live",
  (_name, event) => {
    const subject = wildcardOf(event);
    const keepers = streams.filter(({ subjects }) => subjects.some((pattern) => patternContains(pattern, subject)));
    expect(keepers).toHaveLength(event.live ? 0 : 1);
  },
);

test.each(named)("%s is bounded, and remembers ids no longer than it keeps messages", (_name, stream) => {
  expect(stream.max_bytes).toBeGreaterThan(0);
  expect(stream.max_age_ms).toBeGreaterThan(0);
  expect(stream.duplicate_window_ms).toBeGreaterThan(0);
  expect(stream.duplicate_window_ms).toBeLessThanOrEqual(Math.min(stream.max_age_ms, 2 * MINUTE_MS));
});

test.each(consumers)("%s reads what its stream keeps", (_durable, consumer, stream) => {
  expect(isPattern(consumer.filter)).toBe(true);
  expect(stream.subjects.some((subject) => patternContains(subject, consumer.filter))).toBe(true);
});

test.each(consumers)(
  "%s has room for what is at work, and gives up before the stream forgets",
  (_durable, consumer, stream) => {
    expect(consumer.max_ack_pending).toBeGreaterThanOrEqual(consumer.in_flight);
    expect(consumer.max_handling_ms).toBeGreaterThan(consumer.ack_wait_ms);
    expect(consumer.give_up_after_ms).toBeLessThan(stream.max_age_ms);
  },
);

test("CAMERA_FRAMES is a queue that refuses at the door", () => {
  const frames = streams.find(({ name }) => name === "CAMERA_FRAMES");
  expect(frames).toMatchObject({ retention: "workqueue", discard: "new", storage: "file", max_bytes: 2048 * MB });
  expect(frames!.consumers).toHaveLength(1);
});

test("REDRIVE has room for all dead letters, and refuses what it has no room for instead of forgetting", () => {
  const of = (wanted: string) => streams.find(({ name }) => name === wanted)!;
  expect(of("REDRIVE").discard).toBe("new");
  expect(of("REDRIVE").max_bytes).toBe(of("DEAD_LETTERS").max_bytes);
});

test("CAMERA_STATE keeps the last one per camera", () => {
  expect(streams.find(({ name }) => name === "CAMERA_STATE")).toMatchObject({
    max_msgs_per_subject: 1,
    discard: "old",
  });
});

test("mesh() keeps answers in memory on a cluster only", () => {
  const answers = (replicas: 1 | 3) =>
    mesh({ ...STREAM_DEFAULTS, replicas }).streams.find(({ name }) => name === "AI_CHAT_STREAM");
  expect(answers(1)).toMatchObject({ storage: "file", replicas: 1 });
  expect(answers(3)).toMatchObject({ storage: "memory", replicas: 3 });
});

test("AI_CHAT_STREAM has room for 100 answers at once, a part of 400 bytes every 25 ms each, as long as it keeps them", () => {
  const { max_bytes, max_age_ms } = streams.find(({ name }) => name === "AI_CHAT_STREAM")!;
  expect(max_bytes).toBeGreaterThan((100 * 400 * max_age_ms) / 25);
});

test("mesh() follows the settings", () => {
  const settings = {
    replicas: 3,
    frames_h: 2,
    frames_mb: 64,
    detections_d: 3,
    events_d: 5,
    dead_letters_mb: 9,
  } as const;
  const own = mesh(settings);
  const of = (wanted: string) => own.streams.find(({ name }) => name === wanted);
  expect(of("CAMERA_FRAMES")).toMatchObject({ max_age_ms: 2 * HOUR_MS, max_bytes: 64 * MB });
  expect(of("CAMERA_FRAMES")!.consumers[0]!.give_up_after_ms).toBe(HOUR_MS);
  expect(of("CAMERA_DETECTIONS")).toMatchObject({ max_age_ms: 3 * DAY_MS });
  expect(of("SECURITY_EVENTS")).toMatchObject({ max_age_ms: 5 * DAY_MS });
  expect(of("DEAD_LETTERS")).toMatchObject({ max_bytes: 9 * MB });
  expect([...own.streams, ...own.buckets].every(({ replicas }) => replicas === 3)).toBe(true);
});

test("every service that can be driven again reads its own redrive subject", () => {
  const redrive = streams.find(({ name }) => name === "REDRIVE")!;
  expect(redrive.consumers.map(({ filter }) => filter)).toEqual(REDRIVABLE.map((service) => `redrive.${service}`));
});

test("meshBytes() is the sum of all limits, and below 6 GB by default", () => {
  const sum = [...streams, ...buckets].map(({ max_bytes }) => max_bytes).reduce((a, b) => a + b);
  expect(meshBytes({ streams, buckets })).toBe(sum);
  expect(sum).toBeLessThan(6 * 1024 * MB);
  expect(meshBytes({ streams: [], buckets: [] })).toBe(0);
});
