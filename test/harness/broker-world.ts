import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Server, startServers } from "@gatehouse/local";
import { applyStreams, createLog, type NatsBus, type OpenLog, openBus } from "@gatehouse/runtime";
import type { MeshDeclaration } from "@gatehouse/streams";

/** A real broker of its own, for tests that need nothing else. */
export interface BrokerWorld {
  dir: string;
  nats: Server;
  /** A connection of the test's own. */
  bus: NatsBus;
  log: OpenLog;
  stop(): Promise<void>;
}

/** Starts NATS and applies what is declared. Lines of services go to `<dir>/logs/test.log`. */
export async function startBroker(declared?: MeshDeclaration): Promise<BrokerWorld> {
  const dir = await mkdtemp(join(tmpdir(), "gatehouse-test-"));
  const { nats } = await startServers(dir, ["nats"]);
  const stdout = process.env.GATEHOUSE_TEST_LOG ? "pretty" : "silent";
  const log = createLog({ name: "test", level: "debug", home: dir, stdout });
  const bus = await openTestBus({ nats, log });
  if (declared) await applyStreams(bus, declared);
  const stop = async (): Promise<void> => {
    nats.resume();
    await bus.close();
    await nats.stop();
    await log.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  return { dir, nats, bus, log, stop };
}

interface OpenTestBus extends Pick<BrokerWorld, "log"> {
  nats: { url: string; user: string | null; password: string | null };
}

/** One more connection to the same broker. */
export function openTestBus({ nats, log }: OpenTestBus): Promise<NatsBus> {
  return openBus({ nats_url: nats.url, user: nats.user, password: nats.password, name: "test", log });
}
