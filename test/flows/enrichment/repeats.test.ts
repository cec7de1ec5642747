import { service } from "@gatehouse/enrichment";
import {
  ack,
  type DueContext,
  type DueHandler,
  type Host,
  type MessageContext,
  type Service,
  type Started,
  startTelemetry,
} from "@gatehouse/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Enrichment, type Seen, setOf, setupEnrichment } from "./enrichment.fixture.ts";

type Deps = typeof service extends Service<infer D> ? D : never;
const MINUTE = 60_000;
const T = Date.now() - 600_000;
const DUE = { version: 1, failures: 0, crashes: 0, trace: {}, first_refused_at_ms: null, payload: null };

let enrichment: Enrichment;
let started: Started<Deps>;
beforeAll(async () => {
  enrichment = await setupEnrichment();
  const { world, models } = enrichment;
  const config = {
    batching: { max_s: 90, idle_s: 30, max_detections: 5, fast_path: { confidence: 0.9, labels: ["person"] } },
    retention: { events_d: 30 },
    models: {
      detector: [],
      llm: [{ kind: "openai", url: models.url, model: "reference" }],
      budgets: { user: {}, service: {} },
    },
    gpu: { cards: [] },
  };
  const telemetry = await startTelemetry({ service_names: ["enrichment"], env: {} });
  const own = { service: "enrichment", instance: "repeats", signal: new AbortController().signal };
  const host = { ...own, backing: world.backing, config, bus: world.bus, telemetry };
  started = (await service.start(host as unknown as Host<typeof service.config>)) as Started<Deps>;
});
afterAll(async () => {
  await started.stop?.();
  await enrichment.stop();
});

/** What a handler gets, without the runtime: it is called here, and as often as a test wants. */
function context() {
  const { world } = enrichment;
  return {
    ...started.deps,
    signal: AbortSignal.timeout(MINUTE),
    log: world.log,
    attempt: 1,
    trace: () => ({}),
    stage: async (_name: string, work: () => unknown) => work(),
    publish: world.bus.publishEvent.bind(world.bus),
  } as unknown as MessageContext<Deps>;
}
const take = (camera_id: string, frame_id: string, at_ms: number, ...seen: Seen[]) =>
  service.inputs![0]!.handle(setOf(camera_id, frame_id, at_ms, seen), context());
const due = (kind: string, key: string, own: Partial<Deps> = {}) =>
  (service.due![kind] as DueHandler<Deps>)(null, {
    ...context(),
    ...own,
    due: { ...DUE, service: "enrichment", kind, key, due_at_ms: Date.now() },
  } as DueContext<Deps>);
const totals = async (camera_id: string) => {
  const { world } = enrichment;
  return world.db.query<{ boxes: number; members: number; batches: number; revisions: number; due: number }>(
    `select (select coalesce(sum(detection_count), 0)::int from batches where camera_id = $1) as boxes,
            (select count(*) from batches where camera_id = $1) as batches,
            (select count(*) from batch_members where camera_id = $1) as members,
            (select count(*) from events where camera_id = $1) as revisions,
            (select count(*) from due where key like $1 || '.%') as due`,
    [camera_id],
  );
};

test("the same set twice, also at the same time, is one member of one batch", async () => {
  await take("twice", "f-1", T, ["person", 0.8], ["dog", 0.8]);
  await Promise.all(Array.from({ length: 16 }, () => take("twice", "f-1", T, ["person", 0.8], ["dog", 0.8])));
  expect(await totals("twice")).toEqual([{ boxes: 2, members: 1, batches: 1, revisions: 0, due: 1 }]);
});

test("tell of a batch whose time has not come asks to be called again when it has", async () => {
  await take("soon", "f-1", T, ["person", 0.8]);
  const verdict = await due("tell", "soon.f-1");
  expect(verdict).toEqual({ kind: "retry", after_ms: expect.any(Number) });
  expect((verdict as { after_ms: number }).after_ms).toBeGreaterThan(20_000);
  expect(await totals("soon")).toMatchObject([{ revisions: 0, due: 1 }]);
});

describe("one revision, published once, when", () => {
  const over = async (camera_id: string) => {
    for (const i of [1, 2, 3, 4, 5]) await take(camera_id, `f-${i}`, T + i, ["person", 0.8]);
  };
  const published = async (camera_id: string, count: number) =>
    (await enrichment.told(camera_id, count)).map(({ message }) => message.msg_id);

  test("a batch is told twice, and twice at the same time", async () => {
    await over("told");
    expect(await Promise.all([due("tell", "told.f-1"), due("tell", "told.f-1")])).toEqual([ack, ack]);
    expect(await due("tell", "told.f-1")).toEqual(ack);
    expect(await totals("told")).toMatchObject([{ revisions: 1 }]);
    expect(await published("told", 1)).toEqual(["told.f-1.0"]);
  });

  test("an urgent batch is told early, twice, and again when it is over", async () => {
    await take("early", "f-1", T, ["person", 0.95]);
    await Promise.all([due("early", "early.f-1"), due("early", "early.f-1")]);
    await take("early", "f-2", T + 1, ...Array<Seen>(4).fill(["person", 0.95]));
    await due("tell", "early.f-1");
    await due("early", "early.f-1");
    await due("tell", "early.f-1");
    expect(await totals("early")).toMatchObject([{ revisions: 2, boxes: 5 }]);
    expect(await published("early", 2)).toEqual(["early.f-1.0", "early.f-1.1"]);
  });

  test("a batch that was urgent and over at once is told early and in its turn", async () => {
    await take("both", "f-1", T, ...Array<Seen>(5).fill(["person", 0.95]));
    await due("early", "both.f-1");
    await due("tell", "both.f-1");
    expect(await totals("both")).toMatchObject([{ revisions: 1 }]);
    expect(await enrichment.told("both", 1)).toMatchObject([{ fast_path: false, close_reason: "max_size" }]);
  });
});

test("work whose batch or event is not kept any more is done", async () => {
  for (const kind of ["tell", "early", "score"]) expect(await due(kind, "nobody.f-1")).toEqual(ack);
});

test("an older batch's judgement that comes late does not replace that of the whole event", async () => {
  await take("slow", "a-1", T, ...Array<Seen>(5).fill(["person", 0.8]));
  const { llm } = started.deps;
  const [asked, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const json: typeof llm.json = async (...question) => {
    const answer = await llm.json(...question);
    asked.resolve();
    await released.promise;
    return answer;
  };
  const first = due("tell", "slow.a-1", { llm: { ...llm, json } });
  await asked.promise;
  await take("slow", "b-1", T + 1_000, ...Array<Seen>(5).fill(["person", 0.8]));
  await due("tell", "slow.b-1");
  released.resolve();
  await first;
  const revisions = await enrichment.world.db.query(
    "select (facts ->> 'boxes')::int as boxes, (event ->> 'detection_count')::int as told from events where camera_id = 'slow' order by revision",
  );
  expect(revisions).toEqual([{ boxes: 10, told: 10 }]);
});
