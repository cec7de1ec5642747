import { service as gateway } from "@gatehouse/gateway";
import type { LlmConfig } from "@gatehouse/models";
import { createKey, type NewKey } from "@gatehouse/store";
import OpenAI from "openai";
import { runMesh } from "../../harness/run-mesh.ts";
import type { World } from "../../harness/world.ts";

/** A gateway with its door for programs that speak to OpenAI. */
export interface OpenAiDoor {
  /** `http://127.0.0.1:40123/v1` */
  url: string;
  /** A key's secret. */
  key(key?: Partial<NewKey>): Promise<string>;
  /** The stock client, which asks once. */
  client(secret: string): OpenAI;
  stop(): Promise<void>;
}

export interface OpenAiDoorOptions {
  llm: Omit<LlmConfig, "kind">[];
  vision_llm?: Omit<LlmConfig, "kind">[];
  embedder_url?: string;
  env?: Record<string, string>;
}

/** Opens one on a world's servers; no test meets a limit by accident. */
export async function openOpenAiDoor(world: World, options: OpenAiDoorOptions): Promise<OpenAiDoor> {
  const listed = (list: Omit<LlmConfig, "kind">[]) =>
    JSON.stringify(list.map((entry) => ({ kind: "openai", ...entry })));
  const embedder = options.embedder_url ? [{ kind: "openai", url: options.embedder_url, model: "vectors" }] : [];
  const mesh = await runMesh(world, {
    services: [gateway],
    env: {
      GATEHOUSE_MODELS__LLM: listed(options.llm),
      GATEHOUSE_MODELS__VISION_LLM: listed(options.vision_llm ?? []),
      GATEHOUSE_MODELS__EMBEDDER: JSON.stringify(embedder),
      GATEHOUSE_LIMITS__AI_PER_MIN: "100000",
      GATEHOUSE_LIMITS__SEARCH_PER_MIN: "100000",
      GATEHOUSE_LIMITS__REQUESTS_PER_MIN: "100000",
      GATEHOUSE_LIMITS__ADDRESS_PER_MIN: "100000",
      ...options.env,
    },
  });
  const url = `${mesh.doors().find(({ service }) => service === "gateway")!.url}/v1`;
  return {
    url,
    key: async (key = {}) => (await createKey(world.db, { role: "viewer", label: "test", ...key })).secret,
    client: (apiKey) => new OpenAI({ apiKey, baseURL: url, maxRetries: 0 }),
    stop: () => mesh.stop(),
  };
}
