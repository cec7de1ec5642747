import type { Backing } from "@gatehouse/runtime";

/** Where frames go in and sets come out: through our service, or through a chain by hand. */
export interface Path {
  name: "ours" | "bare" | "wire";
  /** First token of both subjects: `{root}.{camera_id}.frame`, `{root}.{camera_id}.detections`. */
  root: string;
}
export const OURS: Path = { name: "ours", root: "camera" };
/** By hand: decodes the picture. */
export const BARE: Path = { name: "bare", root: "bare" };
/** By hand, too, and decodes nothing: what broker and requests alone cost. */
export const WIRE: Path = { name: "wire", root: "wire" };

/** How to reach the broker. */
export const brokerOptions = ({ nats_url, nats_user, nats_password }: Backing) =>
  ({ servers: nats_url, user: nats_user!, pass: nats_password!, noAsyncTraces: true }) as const;

/** A frame and when it was sent, or its set and when it came: milliseconds of the machine's clock. */
export interface Sighting {
  frame_id: string;
  at_ms: number;
  /** Of a set of ours: why the detector was not asked. */
  skipped?: string | undefined;
}
