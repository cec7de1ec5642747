import { spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { temporaryHome } from "./temporary-home.testing.ts";

const CONTENDER = `
import { takeLock } from ${JSON.stringify(new URL("./lock.ts", import.meta.url).href)};
try { takeLock(process.argv[1]); console.log("won"); } catch (error) { console.log(error.code); }
process.stdin.resume();
`;

test("takeLock() lets exactly one of many in when the holder has died", async () => {
  const dir = temporaryHome();
  const lock = join(dir, "up.lock");
  writeFileSync(lock, JSON.stringify({ pid: 999_999_999, started: "1" }));
  const contenders = Array.from({ length: 8 }, () =>
    spawn(process.execPath, ["--input-type=module", "-e", CONTENDER, lock], { stdio: ["pipe", "pipe", "inherit"] }),
  );
  await Promise.all(contenders.map(({ stdout }) => new Promise((resolve) => stdout.once("readable", resolve))));
  for (const { stdin } of contenders) stdin.end();
  const said = await Promise.all(contenders.map(({ stdout }) => text(stdout)));
  expect(said.map((line) => line.trim()).sort()).toEqual([...Array(7).fill("HOME_IN_USE"), "won"]);
  expect(readdirSync(dir)).toEqual(["up.lock"]);
});
