import { expect, test } from "vitest";
import { chatMessage, decodeEvent, encode, pipelineTrigger } from "./mod.ts";

const received = { seq: 1, time_ms: 1, msg_id: null };

test("decodeEvent() refuses text with U+0000, which a database could not keep, and names the field", () => {
  const body = encode({ ...chatMessage.example, message: "hello\u0000" });
  expect(() => decodeEvent(chatMessage, { ...received, subject: "ai.chat.user.ada.message", body })).toThrow(
    /message must be text without/,
  );
  const nested = encode({ request_id: "r", pipeline: "p", parameters: { a: [{ b: "\u0000" }] } });
  expect(() => decodeEvent(pipelineTrigger, { ...received, subject: "ai.pipeline.trigger", body: nested })).toThrow(
    /parameters\.a\[0\]\.b/,
  );
});
