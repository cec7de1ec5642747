import type { ChatGreeting } from "@gatehouse/events";
import { expect, test } from "vitest";
import { findLogin, keepLogin, type Login, loginBefore, markGreeted } from "./mod.ts";
import { useDatabases } from "./test-database.ts";

const { setup } = useDatabases();

const login = (at_ms: number, own: Partial<Login> = {}): Login => ({ user_id: "ada", at_ms, seq: at_ms, ...own });
const greeting = (text: string): ChatGreeting => ({
  user_id: "ada",
  session_id: "ada",
  text,
  since_ms: null,
  events: [],
  timestamp_ms: 1,
});

test("keepLogin() keeps the first greeting of a login, whoever writes from 16 connections", async () => {
  const { db, another } = await setup();
  const databases = [db, another()];
  const rows = await Promise.all(
    Array.from({ length: 16 }, (_, i) => keepLogin(databases[i % 2]!, login(10), greeting(`hello ${i}`))),
  );
  expect(new Set(rows.map((row) => row.greeting.text)).size).toBe(1);
  expect(await findLogin(db, login(10))).toMatchObject({ published_seq: null, created_at_ms: expect.any(Number) });
  expect(await findLogin(db, login(10, { seq: 11 }))).toBeNull();
});

test("loginBefore() is the user's own one before, also when a later one was kept first", async () => {
  const { db } = await setup();
  for (const one of [login(30), login(10), login(20, { user_id: "bob" })]) await keepLogin(db, one, greeting("hello"));
  expect(await loginBefore(db, login(10))).toBeNull();
  expect(await loginBefore(db, login(20))).toBe(10);
  expect(await loginBefore(db, login(40))).toBe(30);
  expect(await loginBefore(db, login(30, { seq: 31 }))).toBe(30);
});

test("markGreeted() keeps the first mark", async () => {
  const { db } = await setup();
  await keepLogin(db, login(10), greeting("hello"));
  await markGreeted(db, login(10), 7);
  await markGreeted(db, login(10), 8);
  expect(await findLogin(db, login(10))).toMatchObject({ published_seq: 7 });
});
