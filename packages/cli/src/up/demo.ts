import { join } from "node:path";
import { type Demo, startDemo } from "@gatehouse/demo";
import type { Bus, Log } from "@gatehouse/runtime";
import { loadSettings, type Settings, type SettingsSource } from "../settings.ts";

/** Windows in which somebody who tries Gatehouse sees events soon. */
const DEMO_WINDOWS = { max_s: 20, idle_s: 5 };

export interface DemoSettings {
  /** As environment. */
  env: NodeJS.ProcessEnv;
  /** For people. */
  note: string;
}

const CAMERAS = "Two simulated cameras run (--no-demo: none)";

/** Shorter batches than usual, where the user did not configure them. */
export function demoSettings(source: SettingsSource): DemoSettings {
  const { batching } = loadSettings(source);
  const { max_s, idle_s } = loadSettings(source, { batching: DEMO_WINDOWS }).batching;
  const env = { GATEHOUSE_BATCHING__MAX_S: String(max_s), GATEHOUSE_BATCHING__IDLE_S: String(idle_s) };
  if (max_s === batching.max_s && idle_s === batching.idle_s) return { env: {}, note: CAMERAS };
  const windows = `${idle_s} s of quiet or ${max_s} s in all`;
  return {
    env,
    note: `${CAMERAS}. Events end after ${windows}, otherwise ${batching.idle_s} and ${batching.max_s}`,
  };
}

/** Where the folder door looks. */
export function inboxOf(home: string, { ingest }: Pick<Settings, "ingest">): string {
  return ingest.folder.root ?? join(home, "inbox");
}

/** Starts the simulated cameras: one publishes to the bus, one uploads into the inbox. */
export function runDemo(bus: Bus, inbox: string, log: Log, signal: AbortSignal): Promise<Demo> {
  const publish = async (subject: string, body: Uint8Array, id: string) => {
    await bus.publish(subject, body, { id });
  };
  return startDemo({ inbox, publish, log, signal });
}
