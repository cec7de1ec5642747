import type { Queryable } from "./queryable.ts";

/** A lease by name, for singletons and work in order. Each service writes the names that begin with its own. */
export interface Lease {
  /** Raised with every new holder: a write that carries an older one is refused. */
  epoch: number;
}

/**
 * Takes the lease if nobody holds it, for `ttl_ms` by the database's clock. A live one is refused also to its own
 * holder: two workers of one process must not both get it. Null when it is held.
 */
export async function acquireLease(db: Queryable, name: string, holder: string, ttl_ms: number): Promise<Lease | null> {
  const [row] = await db.query<Lease>(
    `insert into leases (name, holder, epoch, until_ms) values ($1, $2, 1, now_ms() + $3)
     on conflict (name) do update set holder = excluded.holder, epoch = leases.epoch + 1, until_ms = now_ms() + $3
       where leases.until_ms <= now_ms()
     returning epoch`,
    [name, holder, ttl_ms],
  );
  return row ?? null;
}

/** Holds the lease longer. False when it is no longer ours: stop at once. */
export async function renewLease(
  db: Queryable,
  name: string,
  holder: string,
  epoch: number,
  ttl_ms: number,
): Promise<boolean> {
  const renewed = await db.query(
    `update leases set until_ms = now_ms() + $4
     where name = $1 and holder = $2 and epoch = $3 and until_ms > now_ms() returning 1`,
    [name, holder, epoch, ttl_ms],
  );
  return renewed.length > 0;
}

/** Lets the lease go. The row stays, so that the epoch goes on. */
export async function releaseLease(db: Queryable, name: string, holder: string, epoch: number): Promise<void> {
  await db.query("update leases set until_ms = 0 where name = $1 and holder = $2 and epoch = $3", [
    name,
    holder,
    epoch,
  ]);
}
