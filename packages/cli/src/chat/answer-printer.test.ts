import { stripVTControlCharacters as strip } from "node:util";
import { expect, test } from "vitest";
import { paintFor } from "../terminal/paint.ts";
import { AnswerPrinter, answerFacts } from "./answer-printer.ts";

function setup(isTTY: boolean) {
  const written = { out: "", marks: "" };
  const screen = (name: "out" | "marks") => ({
    isTTY,
    columns: 80,
    env: {},
    write(text: string) {
      written[name] += text;
    },
  });
  const out = screen("out");
  const marks = screen("marks");
  return { written, out, marks, paint: paintFor(out) };
}
const none = { sources: [] };

test("AnswerPrinter shows what is waited for on a terminal until the first word", () => {
  const { written, out, paint } = setup(true);
  const printer = new AnswerPrinter(out, paint);
  printer.wait("thinking");
  printer.show({ what: "sources" }, { sources: [{ id: "1", text: "t", score: 1 }] });
  expect(strip(written.out)).toBe("… thinking\r… reading 1 source");
  printer.show({ what: "text", text: "\n\nA dog" }, none);
  printer.show({ what: "text", text: " came\n" }, none);
  printer.show({ what: "end" }, none);
  expect(strip(written.out).split("\r").at(-1)).toBe("A dog came\n");
});

test("AnswerPrinter obeys nothing that an answer says to a terminal, and gives a program every byte", () => {
  const tty = setup(true);
  new AnswerPrinter(tty.out, tty.paint).show({ what: "text", text: "red\u001b[31m\n\tnext\u202e" }, none);
  expect(tty.written.out).toBe("red[31m\n\tnext");
  const pipe = setup(false);
  new AnswerPrinter(pipe.out, pipe.paint).show({ what: "text", text: "red\u001b[31m" }, none);
  expect(pipe.written.out).toBe("red\u001b[31m");
});

test("AnswerPrinter marks quietly where another model goes on, and says when what stands there is dropped", () => {
  const { written, out, paint } = setup(false);
  const printer = new AnswerPrinter(out, paint);
  printer.show({ what: "text", text: "A d" }, none);
  printer.show({ what: "handover", mode: "continued" }, none);
  printer.show({ what: "text", text: "og" }, none);
  printer.show({ what: "handover", mode: "restarted" }, none);
  printer.show({ what: "text", text: "A cat" }, none);
  printer.show({ what: "end" }, none);
  expect(written.out).toBe("A d ⤳ og\n↺ what stands above is dropped: another model begins the answer again\nA cat\n");
});

test("AnswerPrinter strikes out what is dropped where it can still be reached", () => {
  const { written, out, paint } = setup(true);
  const printer = new AnswerPrinter(Object.assign(out, { columns: 10, rows: 4 }), paint);
  printer.show({ what: "text", text: "A dog that barks" }, none);
  written.out = "";
  printer.show({ what: "handover", mode: "restarted" }, none);
  expect(written.out).toContain("\r\u001b[1A\u001b[J\u001b[2m\u001b[9mA dog that barks\u001b[29m\u001b[22m\n");
  printer.show({ what: "text", text: "much longer than the four rows of this terminal" }, none);
  written.out = "";
  printer.show({ what: "handover", mode: "restarted" }, none);
  expect(strip(written.out)).toBe("\n↺ what stands above is dropped: another model begins the answer again\n");
});

test("AnswerPrinter keeps marks and notes out of what a program reads", () => {
  const { written, out, marks, paint } = setup(false);
  const printer = new AnswerPrinter(out, paint, { marks });
  printer.show({ what: "text", text: "A d" }, none);
  printer.show({ what: "handover", mode: "continued" }, none);
  printer.note("The connection is lost");
  printer.show({ what: "text", text: "og" }, none);
  printer.show({ what: "end" }, none);
  expect(written).toEqual({ out: "A dog\n", marks: "The connection is lost\n" });
});

test("answerFacts() tells what is known", () => {
  const model = { name: "qwen3", version: "1", backend: "openai" };
  const usage = { prompt_tokens: 7, completion_tokens: 124 };
  const timings = { ttft_ms: 412, tokens_per_s: 37.6 };
  expect(answerFacts({ model, usage, timings })).toBe("qwen3 · 124 tokens · first word after 0.4 s · 38 tokens/s");
  expect(answerFacts({ model, usage: null, timings: { ttft_ms: null, tokens_per_s: null } })).toBe("qwen3");
  expect(answerFacts({ model: null, usage: null, timings: null })).toBe("");
  expect(answerFacts({ model, usage: { ...usage, estimated: true }, timings: null })).toBe("qwen3 · about 124 tokens");
});
