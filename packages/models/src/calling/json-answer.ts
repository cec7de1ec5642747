import type { Checker } from "@gatehouse/events";
import type { Static, TSchema } from "@sinclair/typebox";
import { ModelAnswerError } from "../errors.ts";
import { type Fault, shown } from "./faults.ts";
import { serverWords } from "./server-words.ts";

/** What an answer must be. */
export interface JsonWanted<S extends TSchema> {
  check: Checker<S>;
  /** What it is called in an error: `detections`. */
  name: string;
  fault: Fault;
}

/** Reads a server's JSON. @throws {ModelAnswerError} with the place, the value wanted and the value seen */
export function readJsonAnswer<S extends TSchema>(text: string, { check, name, fault }: JsonWanted<S>): Static<S> {
  const body = parse(text, fault);
  if (check.holds(body)) return body;
  if (typeof body === "object" && body !== null && "error" in body)
    throw fault(ModelAnswerError, `the answer must be ${name}: it is the error "${serverWords(text)}"`);
  const [first] = check.violations(body, 1);
  throw fault(ModelAnswerError, `${first?.path || "the answer"} ${first?.message ?? `must be ${name}`}`);
}

function parse(text: string, fault: Fault): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fault(ModelAnswerError, `the answer must be JSON: current value is ${shown(text)}`, { cause });
  }
}
