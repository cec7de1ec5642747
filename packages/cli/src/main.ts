import { listenForInterrupts } from "./interrupts.ts";
import { runProgram } from "./program.ts";
import { screenOn } from "./terminal/screen.ts";

const { env, stdin, stdout, stderr } = process;
const code = await runProgram(process.argv.slice(2), {
  out: screenOn(stdout, env),
  err: screenOn(stderr, env),
  stdin,
  env,
  cwd: process.cwd(),
  interrupts: listenForInterrupts(process),
});
// What is written goes to a pipe in its own time; a reader that went away is not waited for.
await Promise.all([stdout, stderr].map((stream) => new Promise((written) => stream.write("", written))));
process.exit(code);
