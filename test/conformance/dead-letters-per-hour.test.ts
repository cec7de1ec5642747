import { join } from "node:path";
import { encode } from "@gatehouse/events";
import { type Server, startServers } from "@gatehouse/local";
import { countDeadLetter, type Database, listOnlyCounted, migrate, openPostgres } from "@gatehouse/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BrokerWorld, startBroker } from "../harness/broker-world.ts";
import { declareNotes, noteReader } from "../harness/notes.ts";
import { BadInputError } from "../harness/planted-errors.ts";
import { runReader } from "../harness/run-reader.ts";
import { until } from "../harness/until.ts";

const declared = declareNotes();
let world: BrokerWorld;
let postgres: Server;
let db: Database;
beforeAll(async () => {
  world = await startBroker(declared);
  ({ postgres } = await startServers(join(world.dir, "database"), ["postgres"]));
  await migrate(postgres.url);
  db = openPostgres(postgres.url, { name: "test" });
});
afterAll(async () => {
  await db?.close();
  await postgres?.stop();
  await world?.stop();
});

/** How many dead letters of each subject and code are kept. */
async function kept(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const { first_seq, last_seq } = await world.bus.stream("DEAD_LETTERS");
  for (let seq = first_seq; seq <= last_seq; seq++) {
    const { headers } = (await world.bus.message("DEAD_LETTERS", seq))!;
    const kind = `${headers["Gatehouse-Subject"]} ${headers["Gatehouse-Code"]}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

test("of 105 bad messages of one subject and code in an hour 100 become dead letters and 5 are counted", async () => {
  const hour_ms = 1_763_697_600_000;
  const refuse = async () => {
    throw new BadInputError("Cannot read it");
  };
  const countDead = (subject: string, code: string) => countDeadLetter(db, subject, code, hour_ms + 1);
  const reader = await runReader(world, noteReader(refuse, { countDead }), { declared });
  const bad = [
    ...Array.from({ length: 105 }, () => ["note.gate.made", Buffer.from("no map")] as const),
    ["note.gate.made", encode({ note_id: "gate", n: 1 })] as const,
    ["note.yard.made", Buffer.from("no map")] as const,
  ];
  await Promise.all(bad.map(([subject, body]) => world.bus.publish(subject, body)));
  await until("all were given up", async () => (await world.bus.consumers("NOTES"))[0]!.ack_floor_seq === bad.length);

  expect(await kept()).toEqual({
    "note.gate.made UNDECODABLE": 100,
    "note.gate.made BAD_INPUT": 1,
    "note.yard.made UNDECODABLE": 1,
  });
  const counted = { camera_id: "note.gate.made", code: "UNDECODABLE", hour_ms, only_counted: 5 };
  expect(await listOnlyCounted(db)).toEqual([counted]);
  await reader.stop();
});
