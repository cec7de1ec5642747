import { join } from "node:path";
import { type Demo, startDemo } from "@gatehouse/demo";
import type { Bus, Log } from "@gatehouse/runtime";
import { loadSettings, type Settings, type SettingsSource } from "../settings.ts";

/** Windows in which somebody who tries Gatehouse sees events soon. */
const DEMO_WINDOWS = { max_s: 20, idle_s: 5 };

export interface DemoSettings {
  /** As environment; empty where everything was configured. */
  env: NodeJS.ProcessEnv;
  /** For people; null when nothing is changed. */
  note: string | null;
}

/** Shorter batches than usual, where the user did not configure them. */
export function demoSettings(source: SettingsSource): DemoSettings {
  const { batching } = loadSettings(source);
  const shown = loadSettings(source, { batching: DEMO_WINDOWS }).batching;
  const env = {
    GATEHOUSE_BATCHING__MAX_S: String(shown.max_s),
    GATEHOUSE_BATCHING__IDLE_S: String(shown.idle_s),
  };
  if (shown.max_s === batching.max_s && shown.idle_s === batching.idle_s) return { env: {}, note: null };
  return {
    env,
    note: `For the demo an event closes after ${shown.idle_s} s of quiet, at the latest after ${shown.max_s} s (otherwise ${batching.idle_s} s and ${batching.max_s} s)`,
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
