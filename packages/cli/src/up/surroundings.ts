import type { Children } from "@gatehouse/local";
import type { Backing, OpenLog, Telemetry } from "@gatehouse/runtime";
import type { Settings } from "../settings.ts";
import type { Tell } from "./news.ts";

/** What the services of one `up` run in. */
export interface Surroundings {
  /** Absolute path of the home folder. */
  home: string;
  /** In effect: file, environment, options and reference models together. */
  settings: Settings;
  backing: Backing;
  /** The environment that says the same settings to a child. */
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** The configuration file that was named. */
  file: string | undefined;
  /** Where started processes are recorded, for the start after a SIGKILL. */
  children: Children;
  log: OpenLog;
  telemetry: Telemetry;
  tell: Tell;
  /** Called when a process was replaced by another. */
  onChange(): void;
}
