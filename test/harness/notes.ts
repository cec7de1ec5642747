import { defineEvent, encode, type Value } from "@gatehouse/events";
import type { Verdict } from "@gatehouse/runtime";
import { type Bus, defineService, input, type MessageContext, type Service, type Started } from "@gatehouse/runtime";
import type { ConsumerDeclaration, MeshDeclaration, StreamDeclaration } from "@gatehouse/streams";
import { Type } from "@sinclair/typebox";
import { declareConsumer, declareMesh, declareStream } from "./declare.ts";

/** The smallest event: subject note.{note_id}.made. */
export const noteMade = defineEvent({
  name: "note-made",
  summary: "A note was made",
  subject: "note.{note_id}.made",
  schema: Type.Object({ note_id: Type.String(), n: Type.Integer() }),
  example: { note_id: "a", n: 1 },
  id: ({ note_id, n }) => `${note_id}.${n}`,
});
export type Note = Value<typeof noteMade>;

/** A stream of notes, one impatient consumer `reader`, the stream `redrive.reader`, dead letters and the bucket. */
export function declareNotes(
  own: Partial<ConsumerDeclaration> = {},
  stream: Partial<StreamDeclaration> = {},
): MeshDeclaration {
  return declareMesh(
    declareStream("NOTES", ["note.>"], { consumers: [declareConsumer("reader", "note.>", own)], ...stream }),
    declareStream("REDRIVE", ["redrive.>"], { consumers: [declareConsumer("reader-redrive", "redrive.reader")] }),
  );
}

/** A service `reader` that does with each note what the test says. */
export function noteReader(
  handle: (note: Note, context: MessageContext<object>) => Promise<Verdict>,
  started: Partial<Started<object>> = {},
): Service<object, object & Record<string, never>> {
  return defineService({
    name: "reader",
    config: {},
    inputs: [input("reader", noteMade, handle)],
    start: async () => ({ deps: {}, ...started }),
  });
}

/** Publishes notes `from`..`to` of one writer. */
export async function publishNotes(bus: Bus, note_id: string, from: number, to = from): Promise<void> {
  const numbers = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  await Promise.all(
    numbers.map((n) => bus.publish(`note.${note_id}.made`, encode({ note_id, n }), { id: `${note_id}.${n}` })),
  );
}
