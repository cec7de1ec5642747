import { service as chatHandler } from "@gatehouse/chat-handler";
import { service as gateway } from "@gatehouse/gateway";
import { createKey } from "@gatehouse/store";
import { ChatClient, type FollowedAnswer } from "../../harness/chat-client.ts";
import { runMesh } from "../../harness/run-mesh.ts";
import { startWorld, type World } from "../../harness/world.ts";

/** One question. */
export interface Question {
  user_id: string;
  message: string;
  request_id: string;
  session_id?: string;
  enable_rag?: boolean;
  collection?: string;
}

/** chat-handler and gateways on real servers, and what a test asks of them. */
export interface Chat {
  world: World;
  /** HTTP doors, one for each gateway. */
  gateway_urls: string[];
  /** Publishes a question on the bus. */
  ask(question: Question): Promise<void>;
  /** A client of a user at these gateways; the fixture stops it. */
  client(user_id: string, gateway_urls?: readonly string[]): Promise<ChatClient>;
  /** Asks and hears the whole answer. */
  hear(question: Question): Promise<FollowedAnswer>;
  /** The key of a user. */
  keyOf(user_id: string, role?: "viewer" | "operator"): Promise<string>;
  stop(): Promise<void>;
}

export interface ChatOptions {
  /** Language models, as configured. */
  llm: readonly object[];
  gateways?: number;
  env?: Record<string, string>;
}

export async function setupChat({ llm, gateways = 1, env = {} }: ChatOptions): Promise<Chat> {
  const world = await startWorld();
  const settings = { GATEHOUSE_MODELS__LLM: JSON.stringify(llm), ...env };
  const doors = Array.from({ length: gateways }, () => runMesh(world, { services: [gateway], env: settings }));
  const meshes = await Promise.all([...doors, runMesh(world, { services: [chatHandler], env: settings })]);
  const gateway_urls = meshes.flatMap((mesh) => mesh.doors().flatMap(({ url }) => url ?? []));
  const clients: ChatClient[] = [];
  const keys = new Map<string, Promise<string>>();
  const chat: Chat = {
    world,
    gateway_urls,
    async ask({ user_id, ...fields }) {
      const body = Buffer.from(JSON.stringify(fields));
      await world.bus.publish(`ai.chat.user.${user_id}.message`, body, { id: `${user_id}.${fields.request_id}` });
    },
    async client(user_id, urls = gateway_urls) {
      const ws_urls = urls.map((url) => `${url.replace(/^http/, "ws")}/ws`);
      const client = new ChatClient({ urls: ws_urls, key: await chat.keyOf(user_id) });
      clients.push(client);
      return client;
    },
    async hear(question) {
      const client = await chat.client(question.user_id);
      const followed = client.follow(question.request_id);
      await chat.ask(question);
      await followed.ended;
      return followed;
    },
    keyOf(user_id, role = "viewer") {
      const made = keys.get(`${role}.${user_id}`) ?? newKey(world, { user_id, role });
      keys.set(`${role}.${user_id}`, made);
      return made;
    },
    async stop() {
      await Promise.all(clients.map((client) => client.stop()));
      await Promise.all(meshes.map((mesh) => mesh.stop()));
      await world.stop();
    },
  };
  return chat;
}

async function newKey({ db }: World, { user_id, role }: { user_id: string; role: "viewer" | "operator" }) {
  return (await createKey(db, { role, user_id, label: "test" })).secret;
}
