import { expect, onTestFinished, test } from "vitest";
import { sql } from "./ask-servers.testing.ts";
import { startServers } from "./mod.ts";
import { temporaryHome } from "./temporary-home.testing.ts";

test("Server brings Postgres back with every committed row after each of twenty SIGKILLs under writes", async () => {
  const { postgres } = await startServers(temporaryHome(), ["postgres"]);
  onTestFinished(() => postgres.stop());
  await sql(postgres.url, "create table kept (n int primary key)");
  for (let n = 1; n <= 20; n++) {
    await sql(postgres.url, `insert into kept values (${n})`);
    const cut = expect(
      sql(postgres.url, "insert into kept select -g from generate_series(1, 5000000) g"),
    ).rejects.toThrow();
    await expect
      .poll(() => sql(postgres.url, "select 1 from pg_stat_activity where query like 'insert into kept select%'"), {
        interval: 5,
        timeout: 5000,
      })
      .toHaveLength(1);
    postgres.kill();
    await cut;
    await postgres.ready();
    expect(await sql(postgres.url, "select count(*)::int as rows from kept")).toEqual([{ rows: n }]);
  }
}, 180_000);
