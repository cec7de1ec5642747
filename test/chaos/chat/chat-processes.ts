import { fileURLToPath } from "node:url";
import { freePort } from "@gatehouse/local";
import { VOICES } from "../../harness/recital.ts";
import { ServiceProcess } from "../../harness/service-process.ts";
import type { World } from "../../harness/world.ts";

const LLM = fileURLToPath(new URL("../../harness/reciting-llm-main.ts", import.meta.url));

export interface ChatProcessesOptions {
  /** Processes of chat-handler and of the gateway, each. */
  replicas: number;
  tokens_per_s: number;
}

/** All that makes an answer, each a process of its own, and where its doors are. */
export interface ChatProcesses {
  models: ServiceProcess[];
  handlers: ServiceProcess[];
  gateways: ServiceProcess[];
  gateway_urls: string[];
  stop(): Promise<void>;
}

/** Two models, of which the second cannot go on with what the first began, chat-handlers and gateways. */
export async function startChat(world: World, options: ChatProcessesOptions): Promise<ChatProcesses> {
  const model_ports = await Promise.all(VOICES.map(() => freePort()));
  const models = VOICES.map((voice, replica) => {
    const args = ["--port", model_ports[replica], "--voice", voice, "--tokens-per-s", options.tokens_per_s].map(String);
    return new ServiceProcess(world, { service: "llm", replica, program: LLM, args });
  });
  const env = settings(model_ports);
  const gateway_ports = await Promise.all(Array.from({ length: options.replicas }, () => freePort()));
  const handlers = gateway_ports.map(
    (_, replica) => new ServiceProcess(world, { service: "chat-handler", replica, env }),
  );
  const gateways = gateway_ports.map((port, replica) => {
    const own = { ...env, GATEHOUSE_GATEWAY__PORT: String(port) };
    return new ServiceProcess(world, { service: "gateway", replica, env: own });
  });
  const all = [...models, ...handlers, ...gateways];
  for (const process of all) process.start();
  return {
    models,
    handlers,
    gateways,
    gateway_urls: gateway_ports.map((port) => `http://127.0.0.1:${port}`),
    stop: async () => void (await Promise.all(all.map((process) => process.stop()))),
  };
}

function settings(model_ports: readonly number[]): Record<string, string> {
  const [first, second] = model_ports.map((port) => `http://127.0.0.1:${port}`);
  // A paused model shows only by its silence.
  const shared = { kind: "openai", timeout_ms: 3_000, connect_timeout_ms: 1_000 };
  return {
    GATEHOUSE_MODELS__LLM: JSON.stringify([
      { ...shared, url: first, model: "a" },
      { ...shared, url: second, model: "b", continues: "never" },
    ]),
    GATEHOUSE_LIMITS__AI_PER_MIN: "100000",
    GATEHOUSE_LIMITS__REQUESTS_PER_MIN: "100000",
    GATEHOUSE_LIMITS__ADDRESS_PER_MIN: "1000000",
  };
}
