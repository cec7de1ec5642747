import type { Static, TObject } from "@sinclair/typebox";
import type { MediaType } from "./sniff-media-type.ts";

/** What the broker knows of a message besides its body. */
export interface Received {
  subject: string;
  body: Uint8Array;
  /** The broker's sequence in the stream; 0 where the message is in no stream. */
  seq: number;
  /** When the broker took it in. */
  time_ms: number;
  /** `Nats-Msg-Id`, where the publisher set one. */
  msg_id: string | null;
}

/** One kind of message on the wire: where it goes, what is in it, what it is called. */
export interface EventType<S extends TObject = TObject, T = Static<S>> {
  /** Kebab-case, unique: `camera-frame`. */
  readonly name: string;
  /** One sentence for the documentation. */
  readonly summary: string;
  /** With `{ids}` that are also fields of the body: `camera.{camera_id}.frame`. */
  readonly subject: string;
  readonly schema: S;
  readonly example: T;
  /** In no stream: whoever is not there misses it. */
  readonly live?: true;
  /** The message id under which it is published: a repeat is known by it. Absent where the publisher chooses. */
  id?(value: T): string;
  /** Fills in what the publisher left out, from what the broker knows. Runs before the check. */
  fill?(draft: Record<string, unknown>, received: Received): void;
  /** Reads a body that is a bare picture. Absent where none is expected. */
  fromPicture?(picture: Uint8Array, media_type: MediaType, received: Received): Record<string, unknown>;
}

/** The TypeScript type of an event's body. */
export type Value<E> = E extends EventType<TObject, infer T> ? T : never;

/** Declares an event once; type, check, JSON Schema and documentation all come from it. */
export function defineEvent<S extends TObject>(event: EventType<S>): EventType<S> {
  return Object.freeze(event);
}
