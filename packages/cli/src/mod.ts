export type { Context, Interrupts } from "./context.ts";
export {
  GatewayDownError,
  GatewayRefusedError,
  NoAnswerError,
  NotRunningError,
  PortTakenError,
  StartFailedError,
  StillRunningError,
  UnreadableFileError,
  UsageError,
} from "./errors.ts";
export { runProgram } from "./program.ts";
export type { News, Tell, UpFacts } from "./up/news.ts";
export { type Up, type UpOptions, up } from "./up/up.ts";
