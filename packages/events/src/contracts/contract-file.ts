import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encode, toJson } from "../codec.ts";
import type { EventType } from "../define-event.ts";
import { compareContracts } from "./compare-contracts.ts";
import { type Contracts, contractsOf } from "./contracts.ts";

const FILE = "contracts.gen.json";

/**
 * What keeps the committed contracts in a folder from being those of these events; empty when nothing does.
 * @param folder holds `contracts.gen.json` and `fixtures/`
 */
export async function checkContracts(folder: string, events: readonly EventType[]): Promise<string[]> {
  const committed = await readContracts(folder);
  if (!committed) return [`${FILE} is missing: write it with --write`];
  const breaches = compareContracts(committed, contractsOf(events));
  if (breaches.length > 0) return breaches;
  const current = JSON.stringify(committed) === JSON.stringify(contractsOf(events));
  const bare = events.filter(({ name }) => !existsSync(join(folder, "fixtures", `${name}.msgpack`)));
  return [
    ...(current ? [] : [`${FILE} is older than the events: bring it up to date with --write`]),
    ...bare.map(({ name }) => `fixtures/${name}.msgpack is missing: write it with --write`),
  ];
}

/**
 * Writes the contracts and the fixtures of new events, and returns nothing; or writes nothing and returns what would break.
 * A fixture that is there is never written again: it is a message of a version before.
 */
export async function writeContracts(folder: string, events: readonly EventType[]): Promise<string[]> {
  const contracts = contractsOf(events);
  const breaches = compareContracts((await readContracts(folder)) ?? {}, contracts);
  if (breaches.length > 0) return breaches;
  await writeFile(join(folder, FILE), `${JSON.stringify(contracts, null, 2)}\n`);
  await mkdir(join(folder, "fixtures"), { recursive: true });
  for (const { name, example } of events) {
    const fixture = join(folder, "fixtures", name);
    if (existsSync(`${fixture}.msgpack`)) continue;
    await writeFile(`${fixture}.msgpack`, encode(example));
    await writeFile(`${fixture}.gen.json`, `${toJson(example, 2)}\n`);
  }
  return [];
}

async function readContracts(folder: string): Promise<Contracts | null> {
  const file = join(folder, FILE);
  return existsSync(file) ? (JSON.parse(await readFile(file, "utf8")) as Contracts) : null;
}
