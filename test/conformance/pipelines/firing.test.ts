import { type CameraEvent, cameraEventCreated, cameraEventUpdated } from "@gatehouse/events";
import { service as bridge } from "@gatehouse/pipeline-bridge";
import { applyStreams } from "@gatehouse/runtime";
import { findSchedule, type PipelineRunRow } from "@gatehouse/store";
import { mesh } from "@gatehouse/streams";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { impatient, leasesRunOut } from "../../harness/impatient.ts";
import { runDoomed } from "../../harness/run-doomed.ts";
import { runMesh } from "../../harness/run-mesh.ts";
import { until } from "../../harness/until.ts";
import { startWorld, TEST_STREAMS, type World } from "../../harness/world.ts";

const declared = impatient(mesh(TEST_STREAMS));
const HOUR_MS = 3_600_000;
const HOURLY = { name: "hourly", cron: "0 * * * *", timezone: "UTC", pipeline: "document-ingestion" };
const JOINS = [
  {
    name: "note-it",
    when: "camera.*.event.* with risk.score >= 85 and labels = person",
    pipeline: "document-ingestion",
    parameters: { text: "{risk.summary} ({risk.score})", uri: "event:{event_id}" },
  },
  {
    name: "refused",
    when: "camera.gate.event.created",
    pipeline: "document-ingestion",
    parameters: { path: "{labels}" },
  },
];

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await applyStreams(world.bus, declared);
});
afterAll(() => world.stop());
beforeEach(async () => {
  await world.db.query("truncate pipeline_runs, pipeline_schedules, due cascade");
});

const settings = (schedules: readonly object[] = []) => ({
  GATEHOUSE_PIPELINES__JOINS: JSON.stringify(JOINS),
  GATEHOUSE_PIPELINES__SCHEDULES: JSON.stringify(schedules),
});

/** A replica of the bridge, until the test ends. */
async function run(schedules: readonly object[] = []) {
  const replica = await runMesh(world, { services: [bridge], env: settings(schedules), declared });
  onTestFinished(() => replica.stop());
  return replica;
}

async function happen(changes: Partial<CameraEvent>, id?: string): Promise<void> {
  const event = { ...cameraEventCreated.example, ...changes };
  const type = event.revision === 0 ? cameraEventCreated : cameraEventUpdated;
  await world.bus.publishEvent(type, event, id === undefined ? {} : { id });
}

const risk = (score: number): CameraEvent["risk"] => ({ ...cameraEventCreated.example.risk, score });

const runs = () => world.db.query<PipelineRunRow>("select * from pipeline_runs order by position");

/** All events were looked at. */
const lookedAt = () =>
  until("all events were looked at", async () => {
    const consumers = await world.bus.consumers("SECURITY_EVENTS");
    const { pending, ack_pending } = consumers.find(({ durable }) => durable === "pipeline-bridge-events")!;
    return pending === 0 && ack_pending === 0;
  });

test("a join is fired once for an event, by the first revision that it means, however often and to whomever that comes", async () => {
  await Promise.all([run(), run()]);
  for (const repeat of ["a", "b", "c"]) {
    await happen({ event_id: "front-door.1", risk: risk(10) }, `first.${repeat}`);
    await happen({ event_id: "front-door.1", revision: 1, risk: risk(90) }, `second.${repeat}`);
    await happen({ event_id: "front-door.1", revision: 2, risk: risk(99) }, `third.${repeat}`);
    await happen({ event_id: "front-door.2", labels: ["dog"], risk: risk(90) }, `dog.${repeat}`);
  }
  await lookedAt();
  expect(await runs()).toMatchObject([
    {
      request_id: expect.stringMatching(/^join-[0-9a-f]{40}$/),
      origin: "join:note-it",
      pipeline: "document-ingestion",
      parameters: { text: expect.stringMatching(/ \((90|99)\)$/), uri: "event:front-door.1" },
    },
  ]);
  const { messages } = await world.bus.stream("DEAD_LETTERS");
  expect(messages).toBe(0);
});

test("a join whose parameters its pipeline does not take ends as an error that says why", async () => {
  await run();
  await happen({ event_id: "gate.1", camera_id: "gate" });
  await lookedAt();
  expect(await runs()).toMatchObject([
    { origin: "join:refused", state: "error", error: { code: "BAD_PARAMETERS", retryable: false } },
  ]);
});

test("a join is fired once when the bridge dies after it", async () => {
  await happen({ event_id: "front-door.3", risk: risk(90) });
  await runDoomed(world, { service: "pipeline-bridge", step: "fire", declared, env: settings() });
  await leasesRunOut(world);
  await run();
  await lookedAt();
  expect(await runs()).toHaveLength(1);
});

/** The clock of a schedule as if the bridge had been away for some hours. */
async function missed(hours: number): Promise<void> {
  const past_ms = Math.floor(Date.now() / HOUR_MS - hours) * HOUR_MS;
  await world.db.query("update pipeline_schedules set next_at_ms = $1", [past_ms]);
  await world.db.query("update due set due_at_ms = $1 where kind = 'schedule'", [past_ms]);
}

const firedOnce = async () => {
  await until("it was fired", async () => (await runs()).length > 0);
  await until("it comes again", async () => (await findSchedule(world.db, "hourly"))!.next_at_ms > Date.now());
  const due = await world.db.query("select due_at_ms from due where kind = 'schedule'");
  const next_at_ms = (await findSchedule(world.db, "hourly"))!.next_at_ms;
  expect(due).toEqual([{ due_at_ms: next_at_ms }]);
  expect(next_at_ms % HOUR_MS).toBe(0);
  expect(await runs()).toMatchObject([
    { request_id: expect.stringMatching(/^cron-[0-9a-f]{40}$/), origin: "schedule:hourly" },
  ]);
};

test("a schedule that was missed for hours is fired once, by one of two replicas, and comes next on the hour", async () => {
  await (await run([HOURLY])).stop();
  expect(await runs()).toEqual([]);
  await missed(5);
  await Promise.all([run([HOURLY]), run([HOURLY])]);
  await firedOnce();
});

test("a schedule is fired once when the bridge dies after it", async () => {
  await (await run([HOURLY])).stop();
  await missed(1);
  await runDoomed(world, { service: "pipeline-bridge", step: "fire", declared, env: settings([HOURLY]) });
  await leasesRunOut(world);
  await run([HOURLY]);
  await firedOnce();
});

test("a schedule that was changed comes at its new times, one that was removed never again, and what was missed of others now", async () => {
  await (await run([HOURLY, { ...HOURLY, name: "gone" }, { ...HOURLY, name: "moved" }])).stop();
  await missed(2);
  await run([HOURLY, { ...HOURLY, name: "moved", cron: "30 4 * * *" }]);
  await until("what was missed is fired", async () => (await runs()).length > 0);
  expect((await runs()).map(({ origin }) => origin)).toEqual(["schedule:hourly"]);
  expect(await findSchedule(world.db, "gone")).toBeNull();
  const moved = (await findSchedule(world.db, "moved"))!;
  expect(new Date(moved.next_at_ms).toISOString()).toMatch(/T04:30:00.000Z$/);
  expect(await world.db.query("select key from due where kind = 'schedule' order by key")).toEqual([
    { key: "hourly" },
    { key: "moved" },
  ]);
});
