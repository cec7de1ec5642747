import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { pipelineCancel, pipelineTrigger } from "@gatehouse/events";
import { service as bridge } from "@gatehouse/pipeline-bridge";
import { startReferenceModels } from "@gatehouse/reference-models";
import type { RunningMesh } from "@gatehouse/runtime";
import { findRun, listDocuments, type PipelineRunRow, runStatuses } from "@gatehouse/store";
import { mesh } from "@gatehouse/streams";
import { leasesRunOut } from "../../harness/impatient.ts";
import { runDoomed } from "../../harness/run-doomed.ts";
import { runMesh } from "../../harness/run-mesh.ts";
import { until } from "../../harness/until.ts";
import { TEST_STREAMS, type World } from "../../harness/world.ts";
import { type Chat, setupChat } from "../chat/chat.fixture.ts";
import { startCitingLlm } from "../chat/citing-llm.fixture.ts";

const PIPELINE = "document-ingestion";
const ENDED: readonly string[] = ["succeeded", "failed", "error", "cancelled"];
/** Each document is read in a thread of its own. */
const WITHIN_MS = 60_000;

/** A house that chats about the documents of a folder, with a bridge that is run, killed and asked. */
export interface Ingestion {
  chat: Chat;
  world: World;
  folder: string;
  /** Runs one more bridge. */
  run(): Promise<RunningMesh>;
  /** A bridge dies right after a step first ended; the time passes for which it held its due work. */
  dieAfter(step: string): Promise<void>;
  /** The folder holds exactly these. */
  write(files: Record<string, string>): Promise<void>;
  trigger(request_id: string, parameters?: Record<string, unknown>): Promise<void>;
  cancel(request_id: string): Promise<void>;
  ended(request_id: string): Promise<PipelineRunRow>;
  /** What was told of a run. */
  statuses(request_id: string): Promise<string[]>;
  /** The uris of all documents, and in which state they are. */
  documents(): Promise<Record<string, string>>;
  uriOf(name: string): string;
  stop(): Promise<void>;
}

export async function setupIngestion(): Promise<Ingestion> {
  const [models, llm] = await Promise.all([startReferenceModels(), startCitingLlm()]);
  const env = { GATEHOUSE_MODELS__EMBEDDER: JSON.stringify([{ kind: "tei", url: models.url }]) };
  const chat = await setupChat({ llm: [{ kind: "openai", url: llm.url, model: "a" }], env });
  const { world } = chat;
  const { bus, db } = world;
  const folder = join(world.dir, "documents");
  const running: RunningMesh[] = [];
  return {
    chat,
    world,
    folder,
    async run() {
      const replica = await runMesh(world, { services: [bridge], env });
      running.push(replica);
      return replica;
    },
    async dieAfter(step) {
      await runDoomed(world, { service: "pipeline-bridge", step, declared: mesh(TEST_STREAMS), env });
      await leasesRunOut(world);
    },
    async write(files) {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
    },
    async trigger(request_id, parameters = {}) {
      await bus.publishEvent(pipelineTrigger, { request_id, pipeline: PIPELINE, parameters }, { id: request_id });
    },
    async cancel(request_id) {
      await bus.publishEvent(pipelineCancel, { request_id });
    },
    async ended(request_id) {
      const has_ended = async () => ENDED.includes((await findRun(db, request_id))?.state ?? "");
      await until(`${request_id} has ended`, has_ended, { within_ms: WITHIN_MS });
      return (await findRun(db, request_id))!;
    },
    statuses: async (request_id) => (await runStatuses(db, request_id)).map(({ status }) => status),
    async documents() {
      const { items } = await listDocuments(db, { limit: 100 });
      return Object.fromEntries(items.map(({ uri, state }) => [uri, state]));
    },
    uriOf: (name) => pathToFileURL(join(folder, name)).href,
    async stop() {
      await Promise.all(running.map((replica) => replica.stop()));
      await chat.stop();
      await Promise.all([models.stop(), llm.stop()]);
    },
  };
}
