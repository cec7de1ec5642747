import { EXIT } from "./exit.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { runProgram } from "./program.ts";
import { screenOn } from "./terminal/screen.ts";

const { env, stdin, stdout, stderr } = process;
let faults = 0;
const interrupts = listenForInterrupts(process, (error) => {
  faults++;
  stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
});
const code = await runProgram(process.argv.slice(2), {
  out: screenOn(stdout, env),
  err: screenOn(stderr, env),
  stdin,
  env,
  cwd: process.cwd(),
  interrupts,
});
// What is written goes to a pipe in its own time; a reader that went away is not waited for.
await Promise.all([stdout, stderr].map((stream) => new Promise((written) => stream.write("", written))));
process.exit(faults > 0 ? EXIT.failed : code);
