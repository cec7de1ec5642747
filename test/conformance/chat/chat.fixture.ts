import { service } from "@gatehouse/chat-handler";
import { type ChatPart, chatMessage, chatResponseStream, decodeEvent, encode, subjectOf } from "@gatehouse/events";
import { startReferenceModels } from "@gatehouse/reference-models";
import { applyStreams, type RunningMesh, type StoredMessage } from "@gatehouse/runtime";
import { type AnswerRow, findAnswer } from "@gatehouse/store";
import { type MeshDeclaration, mesh } from "@gatehouse/streams";
import { impatient } from "../../harness/impatient.ts";
import { type RunMeshOptions, runMesh } from "../../harness/run-mesh.ts";
import { until } from "../../harness/until.ts";
import { startWorld, TEST_STREAMS, type World } from "../../harness/world.ts";
import { type Script, type ScriptedLlm, startScriptedLlm } from "./scripted-llm.fixture.ts";

/** A part of an answer as it is on the bus. */
export interface ToldPart extends ChatPart {
  stored: StoredMessage;
}

/** What is asked, beside the names. */
export type Question = Partial<Record<string, unknown>> & { message?: string; user_id?: string };

/** chat-handler on real servers and a real model server, and what a test asks of them. */
export interface Chat {
  world: World;
  /** Settings with which a handler finds the model. */
  env: Record<string, string>;
  declared: MeshDeclaration;
  /** Closes the model server's port, or opens the same one again. */
  modelAway(): Promise<void>;
  modelBack(): Promise<void>;
  /** Starts a model that says what the test has it say; the fixture stops it. */
  scripted(script: Script): Promise<ScriptedLlm>;
  /** Runs one replica in this process; the fixture stops it. */
  run(options?: Partial<RunMeshOptions>): Promise<RunningMesh>;
  /** Publishes a message, once, and gives its request_id. */
  ask(request_id: string, question?: Question): Promise<string>;
  cancel(request_id: string, user_id?: string): Promise<void>;
  /** The parts of an answer up to its last (`done` or `error`), or up to the one that is `enough`. */
  told(request_id: string, options?: ToldOptions): Promise<ToldPart[]>;
  /** The answer's row, once everybody was told of its end. */
  ended(request_id: string): Promise<AnswerRow>;
  stop(): Promise<void>;
}

export interface ToldOptions {
  enough?(part: ToldPart, index: number): boolean;
  within_ms?: number;
}

const declared = impatient(mesh(TEST_STREAMS));

export async function setupChat(own: Record<string, string> = {}): Promise<Chat> {
  const world = await startWorld();
  await applyStreams(world.bus, declared);
  let models = await startReferenceModels();
  const { url, port } = models;
  const running: RunningMesh[] = [];
  const scripts: ScriptedLlm[] = [];
  const env = { GATEHOUSE_MODELS__LLM: JSON.stringify([{ kind: "openai", url, model: "reference" }]), ...own };
  return {
    world,
    env,
    declared,
    modelAway: () => models.stop(),
    async modelBack() {
      models = await startReferenceModels({ port });
    },
    async scripted(script) {
      const model = await startScriptedLlm(script);
      scripts.push(model);
      return model;
    },
    async run(options = {}) {
      const mesh = await runMesh(world, { services: [service], declared, ...options, env: { ...env, ...options.env } });
      running.push(mesh);
      return mesh;
    },
    async ask(request_id, { user_id = "ada", message = "The gate is open. Is the gate open?", ...others } = {}) {
      const body = encode({ request_id, message, ...others });
      await world.bus.publish(subjectOf(chatMessage, { user_id }), body, { id: `${user_id}.${request_id}` });
      return request_id;
    },
    async cancel(request_id, user_id = "ada") {
      await world.bus.publish(`ai.chat.user.${user_id}.cancel`, encode({ request_id }));
    },
    told: (request_id, options) => toldOf(world, request_id, options),
    async ended(request_id) {
      const row = () => findAnswer(world.db, request_id);
      await until(`the end of ${request_id} was told`, async () => typeof (await row())?.told_at_ms === "number");
      return (await row())!;
    },
    async stop() {
      await Promise.all(running.map((mesh) => mesh.stop()));
      await Promise.all([models.stop(), ...scripts.map((model) => model.stop())]);
      await world.stop();
    },
  };
}

async function toldOf(
  { bus }: World,
  request_id: string,
  { enough = ({ done }) => done, within_ms = 30_000 }: ToldOptions = {},
): Promise<ToldPart[]> {
  const parts: ToldPart[] = [];
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, AbortSignal.timeout(within_ms)]);
  const filter = subjectOf(chatResponseStream, { request_id });
  for await (const kept of bus.follow("AI_CHAT_STREAM", "all", { filter, signal })) {
    const stored = { ...kept, body: kept.body.slice() };
    const part = { ...decodeEvent(chatResponseStream, stored), stored };
    parts.push(part);
    if (enough(part, parts.length - 1)) over.abort();
  }
  if (!over.signal.aborted)
    throw new Error(
      `Waited ${within_ms} ms for ${request_id}: ${JSON.stringify(parts.map(({ seq, type, content, stored }) => [seq, type, content, stored.msg_id]))}`,
    );
  return parts;
}

/** The text that a reader has in the end, who drops what a restart takes back. @throws when `seq` has a hole or a double */
export function textOf(parts: readonly ChatPart[]): string {
  const wrong = parts.findIndex(({ seq }, index) => seq !== index);
  if (wrong >= 0) throw new Error(`Part ${wrong} has seq ${parts[wrong]!.seq}`);
  return parts.reduce((text, { mode, content }) => (mode === "restarted" ? "" : text + content), "");
}
