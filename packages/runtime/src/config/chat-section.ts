import { Type } from "@sinclair/typebox";

const Whole = (minimum: number, maximum: number, initial: number, description: string) =>
  Type.Integer({ minimum, maximum, default: initial, description });

/** How messages are answered. */
export const chat = Type.Object({
  window_tokens: Whole(0, 1_000_000, 3_000, "Of the conversation before, the newest turns up to this size are told"),
  sources_tokens: Whole(100, 1_000_000, 3_000, "Of what was found for a message, the best up to this size is told"),
  max_answer_tokens: Whole(1, 100_000, 1_024, "An answer ends at this length"),
  answer_timeout_s: Whole(1, 3_600, 300, "An answer ends after this time"),
  model_patience_s: Whole(0, 600, 20, "How long a model that does not answer is asked again before the asker is told"),
  system_prompt: Type.String({
    maxLength: 32_000,
    default:
      "You are the assistant of this house. Answer briefly and truthfully, in the language of the question. Say so when you do not know.",
    description: "What the model is told about itself, unless a message says otherwise",
  }),
});
