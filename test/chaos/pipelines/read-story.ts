import type { Bus } from "@gatehouse/runtime";
import type { Database } from "@gatehouse/store";
import type { PipelinesStory, RunRow, StatusRow } from "./pipelines-story.ts";

/** What the database has at the end. */
export async function readRows(db: Database): Promise<Pick<PipelinesStory, "rows" | "status_rows" | "due">> {
  const [rows, status_rows, due] = await Promise.all([
    db.query<RunRow>(
      `select request_id, run_name, run_id, state, created_at_ms, submitted_at_ms, cancelled_at_ms, ended_at_ms
       from pipeline_runs order by position`,
      [],
    ),
    db.query<StatusRow>(
      "select request_id, seq, status, published_seq from pipeline_statuses order by request_id, seq",
      [],
    ),
    db.query<{ work: string }>(
      "select kind || ' ' || key as work from due where service = 'pipeline-bridge' and kind <> all($1)",
      [TIDYING],
    ),
  ]);
  return { rows, status_rows, due: due.map(({ work }) => work) };
}

/** Kinds of due work that nobody waits for: what is always due, and whoever was in doubt once is looked after for a day. */
const TIDYING = ["submit", "watch", "forget", "timeout", "reconcile"];

export async function deadLetters(bus: Bus): Promise<string[]> {
  const { first_seq, last_seq } = await bus.stream("DEAD_LETTERS");
  const letters: string[] = [];
  for (let seq = Math.max(1, first_seq); seq <= last_seq; seq++) {
    const letter = await bus.message("DEAD_LETTERS", seq);
    const { "Gatehouse-Code": code, "Gatehouse-Reason": reason } = letter?.headers ?? {};
    if (letter) letters.push(`${letter.subject}: ${code} ${reason}`);
  }
  return letters;
}
