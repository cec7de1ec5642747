import type { CameraEvent } from "@gatehouse/events";
import type { ServerEvent } from "@gatehouse/local";

/** What `up` tells while it works. */
export type News =
  /** What is being done now; the next news ends it. */
  | { what: "working"; on: string }
  | { what: "ready"; part: string; version: string | null; where: string }
  /** Something a person should know, in one sentence. */
  | { what: "note"; text: string }
  | { what: "up"; facts: UpFacts }
  | { what: "server"; event: ServerEvent }
  | { what: "service"; service: string; state: "restarting" | "ready"; reason: string; wait_ms: number }
  | { what: "event"; event: CameraEvent; state: "created" | "updated"; time_ms: number }
  /** Of one service and code, gathered over some seconds; reason, subject and number are the last one's. */
  | {
      what: "dead";
      service: string;
      code: string;
      reason: string;
      subject: string;
      /** So many since the last time it was told. */
      count: number;
      seq: number;
      time_ms: number;
    }
  | { what: "stopping"; reason: string }
  | { what: "stopped"; took_ms: number };

export interface UpFacts {
  gateway_url: string | null;
  /** Good for one login within 60 s. */
  login_url: string | null;
  /** Only at the start that made it; otherwise null. */
  admin_key: string | null;
  key_file: string;
  inbox: string;
  took_ms: number;
}

export type Tell = (news: News) => void;
