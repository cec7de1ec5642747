import { type ChatGreeting, type ChatLogin, chatGreeting } from "@gatehouse/events";
import { ack, type MessageContext, publishInOrder, type Verdict } from "@gatehouse/runtime";
import {
  type Database,
  eventsTold,
  findLogin,
  keepLogin,
  type Login,
  loginBefore,
  markGreeted,
  mayFindEvents,
} from "@gatehouse/store";
import type { HouseTime } from "../house-time.ts";
import { greetingWords } from "./greeting-words.ts";

/** What greeting leans on. */
export interface GreetingDeps {
  readonly db: Database;
  readonly time: HouseTime;
}

const DAY_MS = 86_400_000;
/** Events that a greeting names. */
const MOST = 5;

/** A login in, one greeting out: what happened since the login before, in words made without a model. */
export async function greet(
  { user_id, username, session_id }: ChatLogin,
  { db, time, delivery, stage, publish }: MessageContext<GreetingDeps>,
): Promise<Verdict> {
  const login: Login = { user_id, at_ms: delivery.time_ms, seq: delivery.seq };
  const who = { user_id, session_id: session_id ?? user_id, name: username || user_id };
  const kept =
    (await findLogin(db, login)) ??
    (await stage("persist", async () => keepLogin(db, login, await greetingOf(db, login, who, time))));
  if (kept.published_seq !== null) return ack;
  return publishInOrder({
    rows: async () => [kept],
    publish: ({ greeting, created_at_ms }) => {
      const once = { id: greetingId(login), created_at_ms, fenced: true };
      return stage("publish", () => publish(chatGreeting, greeting, once));
    },
    mark: (_, seq) => stage("mark", () => markGreeted(db, login, seq)),
  });
}

/** Derived from the login's place in its stream, and its time: a stream that was made anew begins at 1 again. */
const greetingId = ({ user_id, at_ms, seq }: Login): string => `${user_id}.${at_ms}-${seq}.greeting`;

async function greetingOf(
  db: Database,
  login: Login,
  { user_id, session_id, name }: { user_id: string; session_id: string; name: string },
  time: HouseTime,
): Promise<ChatGreeting> {
  const { at_ms } = login;
  const since_ms = await loginBefore(db, login);
  const span = { after_ms: since_ms ?? at_ms - DAY_MS, until_ms: at_ms, most: MOST };
  const told = (await mayFindEvents(db, user_id)) ? await eventsTold(db, span) : null;
  return {
    user_id,
    session_id,
    text: greetingWords({ name, at_ms, since_ms, told }, time),
    since_ms,
    events: (told?.worst ?? []).map(({ event_id, camera_id, started_at_ms, risk }) => ({
      event_id,
      camera_id,
      started_at_ms,
      summary: risk.summary,
      score: risk.score,
    })),
    timestamp_ms: at_ms,
  };
}
