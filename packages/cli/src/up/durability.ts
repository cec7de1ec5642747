import { ConfigError } from "@gatehouse/runtime";

/** The first broker that knows `sync_interval`. */
const SYNCING = [2, 10] as const;

/** Whether the broker can keep what the grade promises. @throws {ConfigError} naming both versions */
export function assertDurability(
  grade: "bronze" | "silver" | "gold",
  broker: { version: string; ours: boolean },
): void {
  if (grade === "bronze") return;
  const [major = 0, minor = 0] = broker.version.split(".").map(Number);
  const knows = major > SYNCING[0] || (major === SYNCING[0] && minor >= SYNCING[1]);
  if (!knows)
    throw new ConfigError(
      `Cannot keep durability "${grade}" as the broker must be nats-server ${SYNCING.join(".")} or later, which knows sync_interval: it is ${broker.version}`,
    );
  if (broker.ours)
    throw new ConfigError(
      `Cannot keep durability "${grade}" with a broker that is started here: set NATS_URL to one with sync_interval: always`,
    );
}
