import { setTimeout as delay } from "node:timers/promises";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { StillRunningError } from "../errors.ts";
import { assertRunning } from "../running.ts";
import { homeDir, homeOption, jsonOption } from "./options.ts";

const HELP = `
Example:
  gatehouse down --home /srv/gatehouse`;

/** A stop takes at most 5 s. */
const ENDS_WITHIN_MS = 8_000;
const LOOK_MS = 50;

export function downCommand(context: Context): Command {
  return new Command("down")
    .description("stop the Gatehouse that runs in the home, and wait until it has")
    .addOption(homeOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (options: { home: string; json: boolean }) => {
      const home = homeDir(context, options);
      const { pid } = assertRunning(home, "stop anything");
      process.kill(pid, "SIGTERM");
      const begin_ms = performance.now();
      while (isThere(pid)) {
        if (performance.now() - begin_ms > ENDS_WITHIN_MS)
          throw new StillRunningError(
            `Cannot stop process ${pid} as it must end within ${ENDS_WITHIN_MS / 1_000} s: it lives`,
          );
        await delay(LOOK_MS);
      }
      const took_ms = Math.round(performance.now() - begin_ms);
      context.out.write(
        options.json ? `${JSON.stringify({ pid, took_ms })}\n` : `Stopped process ${pid} in ${took_ms} ms\n`,
      );
    });
}

/** Signal 0 asks whether a process is there. Our own child that nobody reaped would count, but `up` is nobody's child here. */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
