import { service } from "@gatehouse/chat-handler";
import {
  type CameraEvent,
  type ChatGreeting,
  cameraEventCreated,
  cameraEventUpdated,
  chatLogin,
  decodeBody,
} from "@gatehouse/events";
import { type ReferenceModels, startReferenceModels } from "@gatehouse/reference-models";
import type { RunningMesh, StoredMessage } from "@gatehouse/runtime";
import { openVectors, vectorSets } from "@gatehouse/store";
import { expect, vi } from "vitest";
import { collect } from "../../harness/collect.ts";
import { type RunMeshOptions, runMesh } from "../../harness/run-mesh.ts";
import { startWorld, type World } from "../../harness/world.ts";

/** chat-handler on real servers and real models, and what a test asks of what it indexes and whom it greets. */
export interface House {
  world: World;
  readonly models: ReferenceModels;
  /** Settings that every replica has. */
  readonly env: Record<string, string>;
  /** Closes the model server's port, or opens the same one again. */
  modelsAway(): Promise<void>;
  modelsBack(): Promise<void>;
  /** Runs one replica; the fixture stops it. */
  run(options?: Partial<RunMeshOptions>): Promise<RunningMesh>;
  /** Publishes a revision of an event. */
  event(changes: Partial<CameraEvent> & Pick<CameraEvent, "event_id">): Promise<void>;
  login(user_id: string, username?: string): Promise<void>;
  /** Waits for so many greetings of a user. */
  greetings(user_id: string, count: number): Promise<(ChatGreeting & { message: StoredMessage })[]>;
  /** Waits until chat-handler took everything in and nothing is due. */
  settled(): Promise<void>;
  passages(): Promise<Passage[]>;
  /** Vectors in the set in use. */
  countVectors(): Promise<number>;
  stop(): Promise<void>;
}

export interface Passage {
  passage_id: string;
  collection: string;
  kind: string;
  position: number;
  text: string;
  user_id: string | null;
  has_vector: boolean;
}

const SETTLED = { timeout: 30_000, interval: 50 };

export async function setupHouse(): Promise<House> {
  const world = await startWorld();
  let models = await startReferenceModels();
  const { url, port } = models;
  const running: RunningMesh[] = [];
  const env = {
    GATEHOUSE_MODELS__LLM: JSON.stringify([{ kind: "openai", url, model: "reference" }]),
    GATEHOUSE_MODELS__EMBEDDER: JSON.stringify([{ kind: "openai", url, model: "reference-embedder" }]),
  };
  return {
    world,
    env,
    get models() {
      return models;
    },
    modelsAway: () => models.stop(),
    async modelsBack() {
      models = await startReferenceModels({ port });
    },
    async run(options = {}) {
      const mesh = await runMesh(world, { services: [service], ...options, env: { ...env, ...options.env } });
      running.push(mesh);
      return mesh;
    },
    async event(changes) {
      const event = { ...cameraEventCreated.example, ...changes };
      await world.bus.publishEvent(event.revision === 0 ? cameraEventCreated : cameraEventUpdated, event);
    },
    async login(user_id, username) {
      await world.bus.publishEvent(chatLogin, { user_id, ...(username === undefined ? {} : { username }) });
    },
    async greetings(user_id, count) {
      const filter = `ai.chat.user.${user_id}.greeting.*`;
      const messages = await collect(world.bus, "COMPANIONS_CHAT", count, { filter });
      return messages.map((message) => ({ ...(decodeBody(message.body).fields as unknown as ChatGreeting), message }));
    },
    settled: () => vi.waitFor(() => nothingWaits(world), SETTLED),
    passages: () => passagesOf(world),
    countVectors: () => countVectors(world),
    async stop() {
      await Promise.all(running.map((mesh) => mesh.stop()));
      await models.stop();
      await world.stop();
    },
  };
}

function passagesOf({ db }: World): Promise<Passage[]> {
  return db.query<Passage>(
    `select passage_id, collection, kind, position, text, user_id,
       set_no > 0 and set_no = (select max(set_no) from vector_sets) as has_vector
     from passages where not removed order by passage_id`,
  );
}

async function countVectors({ db, dir }: World): Promise<number> {
  const [used] = await vectorSets(db);
  if (!used) return 0;
  const vectors = openVectors({ home: dir, qdrant_url: null });
  try {
    return await vectors.count(used.name);
  } finally {
    await vectors.close();
  }
}

async function nothingWaits({ bus, db }: World): Promise<void> {
  for (const stream of ["COMPANIONS_LOGINS", "SECURITY_EVENTS", "COMPANIONS_CHAT"])
    for (const consumer of await bus.consumers(stream))
      if (consumer.durable.startsWith(service.name)) expect(consumer).toMatchObject({ pending: 0, ack_pending: 0 });
  expect(await db.query("select kind, key from due where kind not in ('forget', 'untold')")).toEqual([]);
}
