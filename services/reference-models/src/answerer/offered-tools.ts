import { BadRequestError } from "../errors.ts";
import type { Schema } from "./by-schema.ts";

/** A tool that may be called. */
export interface Tool {
  name: string;
  parameters: Schema;
}

/** What may be called, and what must be: `named` is the one that must. */
export interface OfferedTools {
  tools: Tool[];
  choice: "none" | "auto" | "required" | { named: string };
}

/** Reads `tools` and `tool_choice`. @throws {BadRequestError} with the fact `param` naming the field */
export function readTools({ tools, tool_choice }: Schema): OfferedTools {
  if (tools === undefined || tools === null) return { tools: [], choice: "none" };
  if (!Array.isArray(tools)) throw bad("tools", "a list", tools);
  return { tools: tools.map(readTool), choice: readChoice(tool_choice) };
}

function readTool(tool: unknown, at: number): Tool {
  const { type, function: called } = (tool ?? {}) as { type?: unknown; function?: { name?: unknown } & Schema };
  if (type !== "function") throw bad(`tools[${at}].type`, "function", type);
  if (typeof called?.name !== "string" || called.name === "")
    throw bad(`tools[${at}].function.name`, "a name", called?.name);
  return { name: called.name, parameters: (called.parameters ?? { type: "object" }) as Schema };
}

function readChoice(choice: unknown): OfferedTools["choice"] {
  if (choice === undefined || choice === null) return "auto";
  if (choice === "none" || choice === "auto" || choice === "required") return choice;
  const named = (choice as { function?: { name?: unknown } }).function?.name;
  if (typeof named !== "string") throw bad("tool_choice", "none|auto|required or a function's name", choice);
  return { named };
}

function bad(param: string, wanted: string, seen: unknown): Error {
  const value = (JSON.stringify(seen) ?? "undefined").slice(0, 60);
  return new BadRequestError(`Cannot answer chat as "${param}" must be ${wanted}: current value is ${value}`, {
    facts: { param },
  });
}
