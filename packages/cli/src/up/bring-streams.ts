import { type AppliedChange, applyStreams, type NatsBus, planStreams, type StreamChange } from "@gatehouse/runtime";
import { type MeshDeclaration, mesh, type StreamSettings } from "@gatehouse/streams";

export interface BroughtStreams {
  applied: AppliedChange[];
  /** Changes that would delete stored messages: left as they are. */
  refused: StreamChange[];
}

/** Makes the broker have the streams, as far as nothing stored is lost by it. Twice in a row changes nothing. */
export async function bringStreams(bus: NatsBus, settings: StreamSettings): Promise<BroughtStreams> {
  const declared = mesh(settings);
  const refused = (await planStreams(bus.manager, declared)).filter(({ destructive }) => destructive);
  return { applied: await applyStreams(bus, without(declared, refused)), refused };
}

function without({ streams, buckets }: MeshDeclaration, refused: readonly StreamChange[]): MeshDeclaration {
  const left = new Set(refused.map(({ name }) => name));
  return {
    buckets,
    streams: streams
      .filter(({ name }) => !left.has(name))
      .map((stream) => ({ ...stream, consumers: stream.consumers.filter(({ durable }) => !left.has(durable)) })),
  };
}
