import { setTimeout as delay } from "node:timers/promises";
import { describeError } from "@gatehouse/errors";
import { type Home, type Backing as LocalBacking, type ServerEvent, startBacking } from "@gatehouse/local";
import { type Log, type NatsBus, openBus } from "@gatehouse/runtime";
import { mesh, meshBytes, type StreamSettings } from "@gatehouse/streams";
import { bringStreams } from "./bring-streams.ts";
import type { Tell } from "./news.ts";
import type { StopStack } from "./stop-stack.ts";

const AGAIN_MS = 250;

export interface BackingParts {
  home: Home;
  env: NodeJS.ProcessEnv;
  streams: StreamSettings;
  log: Log;
  tell: Tell;
  stack: StopStack;
  /** Aborted, the start is given up. */
  signal: AbortSignal;
}

/** The backing servers, a bus on the broker, and the streams in it: now, and again whenever our own broker restarts. */
export async function startServers(parts: BackingParts): Promise<{ backing: LocalBacking; bus: NatsBus }> {
  const { home, env, streams, log, tell, stack, signal } = parts;
  let onServer = (_event: ServerEvent): void => undefined;
  const backing = await startBacking(home, {
    env,
    log,
    signal,
    streams_bytes: meshBytes(mesh(streams)),
    onEvent: (event) => onServer(event),
  });
  stack.add({
    name: "backing servers",
    until_ms: 4_600,
    stop: () => backing.stop(),
    kill: () => Object.values(backing.pids()).forEach(kill),
  });
  const { nats_url, nats_user: user, nats_password: password } = backing;
  const bus = await openBus({ nats_url, user, password, name: "gatehouse up", log });
  stack.add({ name: "bus", until_ms: 3_700, stop: () => bus.close() });
  for (const { name, note } of (await bringStreams(bus, streams)).refused)
    tell({ what: "note", text: `"${name}" stays as it is (${note}): gatehouse streams apply --force changes it` });

  const stopping = new AbortController();
  stack.add({
    name: "watch over the servers",
    until_ms: 3_700,
    stop() {
      onServer = () => undefined;
      stopping.abort();
    },
  });
  onServer = (event) => {
    tell({ what: "server", event });
    if (event.server === "nats" && event.what === "ready") void bringAgain(bus, streams, log, stopping.signal);
  };
  return { backing, bus };
}

/** After a SIGKILL of the broker some definitions are gone. */
async function bringAgain(bus: NatsBus, streams: StreamSettings, log: Log, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { applied } = await bringStreams(bus, streams);
      if (applied.length > 0) log.info({ changes: applied.length }, "streams applied again");
      return;
    } catch (error) {
      log.warn(describeError(error), "streams cannot be applied yet");
      await delay(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
