import type { ModelRef } from "@gatehouse/events";
import type { Calling } from "../calling/calling.ts";
import type { ModelClient } from "../calling/client-list.ts";
import { VisionLlmAuthError, VisionLlmDownError } from "../errors.ts";
import { cascade } from "../llm/cascade.ts";
import type { LlmConfig } from "../llm/config.ts";
import type { LlmImage, LlmRequest, LlmUsage } from "../llm/llm.ts";
import type { LlmOptions } from "../llm/llm-client.ts";
import { llmClients } from "../llm/llm-clients.ts";
import { wireRequest } from "../llm/wire-request.ts";
import type { Spending } from "../spending/purse.ts";

/** What a model says of pictures. */
export interface VisionAnswer {
  text: string;
  /** Which gave the end of the answer. */
  model: ModelRef;
  usage: LlmUsage | null;
}

/** Answers questions about pictures. */
export interface VisionLlm extends ModelClient {
  /**
   * Asks about pictures, sent in their order behind the words. Safe to repeat.
   * @throws {ModelRefusedError} the server takes no pictures, or not these
   * @throws {ModelBusyError} @throws {ModelTimeoutError} @throws {ModelAnswerError} @throws {BudgetSpentError}
   * @throws {VisionLlmDownError} @throws {VisionLlmAuthError} @throws the signal's reason when it was aborted
   */
  ask(
    images: readonly LlmImage[],
    prompt: string,
    options: LlmOptions & Pick<LlmRequest, "temperature" | "max_tokens">,
  ): Promise<VisionAnswer>;
}

const PURPOSE = {
  dependency: "vision_llm",
  action: "ask about pictures",
  Down: VisionLlmDownError,
  Auth: VisionLlmAuthError,
};

/**
 * Makes the language model that sees of a ranked list, as `createLlm` makes the one that does not: what breaks off is gone on with.
 * @throws {ModelConfigError} when the list is empty, or a URL or secret cannot be used
 */
export function createVisionLlm(
  config: readonly LlmConfig[],
  calling: Partial<Calling> = {},
  spending: Spending | null = null,
): VisionLlm {
  const { clients, ...list } = llmClients(config, PURPOSE, { calling, spending });
  return {
    ...list,
    async ask(images, prompt, { temperature, max_tokens, ...options }) {
      const request = {
        messages: [{ role: "user", content: prompt, images }] as const,
        ...(temperature === undefined ? {} : { temperature }),
        ...(max_tokens === undefined ? {} : { max_tokens }),
      };
      let text = "";
      const parts = cascade(clients, { request: wireRequest(request), restarts: true }, options);
      for (;;) {
        const next = await parts.next();
        if (next.done) return { text, model: next.value.model, usage: next.value.usage };
        for (const part of next.value)
          if ("text" in part) text += part.text;
          else if ("handover" in part && part.handover.mode === "restarted") text = "";
      }
    },
  };
}
