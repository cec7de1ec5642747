import { CALLING, type Calling } from "../calling/calling.ts";
import { type ClientList, clientList } from "../calling/client-list.ts";
import type { Callee } from "../calling/faults.ts";
import { Purse, type Spending } from "../spending/purse.ts";
import type { LlmConfig } from "./config.ts";
import type { LlmClient } from "./llm-client.ts";
import { OpenAiLlm } from "./openai-llm.ts";
import { PaidLlm } from "./paid-llm.ts";

/** What a list of language models is for, in its errors: `a language model`, `ask the language model`. */
export interface LlmPurpose extends Pick<Callee, "action" | "Down" | "Auth"> {
  what: string;
}

/** The clients of a ranked list of language models; with `spending` each is paid for. @throws {ModelConfigError} */
export function llmClients(
  config: readonly LlmConfig[],
  { what, ...errors }: LlmPurpose,
  { calling, spending }: { calling: Partial<Calling>; spending: Spending | null },
): ClientList<LlmClient> {
  const purse = spending && new Purse(spending);
  return clientList(config, what, (entry): LlmClient => {
    const client = new OpenAiLlm(entry, errors, { ...CALLING, ...calling });
    return purse ? new PaidLlm(client, entry, purse) : client;
  });
}
