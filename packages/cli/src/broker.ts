import { backingFrom, type Log, type NatsBus, openBus } from "@gatehouse/runtime";
import type { Context } from "./context.ts";
import { assertRunning } from "./running.ts";

const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

/** Does some work on the broker of `NATS_URL`, else on that of the Gatehouse that runs in the home. @throws {NotRunningError} */
export async function withBroker<T>(
  { env }: Context,
  home: string,
  action: string,
  work: (bus: NatsBus) => Promise<T>,
): Promise<T> {
  const {
    nats_url,
    nats_user: user,
    nats_password: password,
  } = env.NATS_URL ? backingFrom({ DATABASE_URL: "-", REDIS_URL: "-", ...env }) : assertRunning(home, action);
  const bus = await openBus({ nats_url, user, password, name: "gatehouse streams", log: silent });
  try {
    return await work(bus);
  } finally {
    await bus.close();
  }
}
