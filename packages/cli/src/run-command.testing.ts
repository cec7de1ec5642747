import { Readable } from "node:stream";
import type { Context } from "./context.ts";
import { runProgram } from "./program.ts";

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs one command line in this process, as if nobody looked: no colours. */
export async function runCommand(args: readonly string[], own: Partial<Context> = {}): Promise<Ran> {
  const ran = { out: "", err: "" };
  const screen = (name: "out" | "err") => ({
    write(text: string) {
      ran[name] += text;
    },
    isTTY: false,
    columns: 120,
    env: {},
  });
  const never = new AbortController().signal;
  const code = await runProgram(args, {
    out: screen("out"),
    err: screen("err"),
    stdin: Readable.from([]),
    env: {},
    cwd: "/",
    interrupts: { first: never, second: never },
    ...own,
  });
  return { code, ...ran };
}
