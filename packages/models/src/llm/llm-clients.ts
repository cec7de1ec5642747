import { CALLING, type Calling } from "../calling/calling.ts";
import { type ClientList, clientList } from "../calling/client-list.ts";
import type { Callee } from "../calling/faults.ts";
import { leaseFor } from "../gpu/under-lease.ts";
import { Purse, type Spending } from "../spending/purse.ts";
import type { LlmConfig } from "./config.ts";
import { LeasedLlm } from "./leased-llm.ts";
import type { LlmClient } from "./llm-client.ts";
import { OpenAiLlm } from "./openai-llm.ts";
import { PaidLlm } from "./paid-llm.ts";

/** What a list of language models is for, in its errors: `llm`, `ask the language model`. */
export interface LlmPurpose extends Pick<Callee, "action" | "Down" | "Auth"> {
  dependency: string;
}

/** The clients of a ranked list of language models; with `spending` each is paid for. @throws {ModelConfigError} */
export function llmClients(
  config: readonly LlmConfig[],
  { dependency, ...errors }: LlmPurpose,
  { calling, spending }: { calling: Partial<Calling>; spending: Spending | null },
): ClientList<LlmClient> {
  const purse = spending && new Purse(spending);
  // Held from the question to the end of its answer, which no list sees: so not by the list.
  const entries = config.map(({ gpu, ...entry }) => ({
    entry,
    lease: leaseFor({ gpu }, dependency, calling.gpu ?? null),
  }));
  return clientList(entries, dependency, ({ entry, lease }): LlmClient => {
    const client = new OpenAiLlm(entry, errors, { ...CALLING, ...calling });
    const leased = lease ? new LeasedLlm(client, lease) : client;
    return purse ? new PaidLlm(leased, entry, purse) : leased; // no card is used for what nobody pays
  });
}
