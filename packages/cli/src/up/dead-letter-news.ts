import type { StoredMessage } from "@gatehouse/runtime";
import type { News, Tell } from "./news.ts";

/** The stream of what was given up. */
export const DEAD_LETTERS = "DEAD_LETTERS";
const GATHER_MS = 5_000;
/** Services and codes that are told at a time; of more `dead list` knows. */
const MOST_KINDS = 32;

type DeadNews = Extract<News, { what: "dead" }>;

interface Gathered {
  more: DeadNews | null;
  timer: NodeJS.Timeout;
}

/** Tells what was given up: the first of a service and code at once, those of the next 5 s together. */
export class DeadLetterNews {
  readonly #tell: Tell;
  readonly #kinds = new Map<string, Gathered>();

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  add(message: StoredMessage): void {
    const news = newsOf(message);
    const kind = `${news.service} ${news.code}`;
    const known = this.#kinds.get(kind);
    if (known) known.more = { ...news, count: (known.more?.count ?? 0) + 1 };
    else if (this.#kinds.size < MOST_KINDS) this.#now(kind, news);
  }

  /** Tells what is still gathered; nothing more after it. */
  close(): void {
    for (const { more, timer } of this.#kinds.values()) {
      clearTimeout(timer);
      if (more) this.#tell(more);
    }
    this.#kinds.clear();
  }

  #now(kind: string, news: DeadNews): void {
    this.#kinds.set(kind, { more: null, timer: setTimeout(() => this.#later(kind), GATHER_MS) });
    this.#tell(news);
  }

  #later(kind: string): void {
    const more = this.#kinds.get(kind)?.more;
    if (more) this.#now(kind, more);
    else this.#kinds.delete(kind);
  }
}

function newsOf({ subject, headers, seq, time_ms }: StoredMessage): DeadNews {
  return {
    what: "dead",
    service: subject.slice("dead.".length),
    code: headers["Gatehouse-Code"] ?? "",
    reason: headers["Gatehouse-Reason"] ?? "",
    subject: headers["Gatehouse-Subject"] ?? "",
    count: 1,
    seq,
    time_ms,
  };
}
