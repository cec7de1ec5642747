import type { ChatGreeting } from "@gatehouse/events";
import type { Queryable } from "./queryable.ts";

/** A login, named by the broker's time and its place in the stream. Written by chat-handler. */
export interface Login {
  user_id: string;
  /** Wall clock, when the broker took it in. */
  at_ms: number;
  seq: number;
}

export interface LoginRow extends Login {
  /** As it is published: `since_ms` is the login before. */
  greeting: ChatGreeting;
  /** When it was written, by the database's clock. */
  created_at_ms: number;
  /** Where the greeting was kept; null while it is not known to be published. */
  published_seq: number | null;
}

const COLUMNS = "user_id, at_ms, seq, greeting, created_at_ms, published_seq";

export async function findLogin(db: Queryable, { user_id, at_ms, seq }: Login): Promise<LoginRow | null> {
  const [row] = await db.query<LoginRow>(
    `select ${COLUMNS} from logins where user_id = $1 and at_ms = $2 and seq = $3`,
    [user_id, at_ms, seq],
  );
  return row ?? null;
}

/** When the user logged in the time before; null: never, as far as is known. */
export async function loginBefore(db: Queryable, { user_id, at_ms, seq }: Login): Promise<number | null> {
  const [row] = await db.query<{ at_ms: number | null }>(
    "select max(at_ms) as at_ms from logins where user_id = $1 and (at_ms, seq) < ($2, $3)",
    [user_id, at_ms, seq],
  );
  return row!.at_ms;
}

/** Keeps a login with its greeting, and gives the row that was first. Safe to repeat. */
export async function keepLogin(db: Queryable, login: Login, greeting: ChatGreeting): Promise<LoginRow> {
  const { user_id, at_ms, seq } = login;
  await db.query(
    `insert into logins (user_id, at_ms, seq, greeting, created_at_ms) values ($1, $2, $3, $4, now_ms())
     on conflict do nothing`,
    [user_id, at_ms, seq, JSON.stringify(greeting)],
  );
  return (await findLogin(db, login))!;
}

/** Notes where the greeting was kept; the first mark stays. */
export async function markGreeted(db: Queryable, { user_id, at_ms, seq }: Login, published_seq: number): Promise<void> {
  await db.query(
    `update logins set published_seq = $4
     where user_id = $1 and at_ms = $2 and seq = $3 and published_seq is null`,
    [user_id, at_ms, seq, published_seq],
  );
}
