import { type ChannelInterface, type Metadata, propagate, type StatusObject, status } from "@grpc/grpc-js";

/** How a call ended. */
export interface UnaryEnd {
  status: StatusObject;
  /** Whether the answer's headers came. */
  begun: boolean;
  /** The answer; null when none came. */
  message: Buffer | null;
}

/** A call under way. */
export interface UnaryCall {
  /** Never fails. */
  ended: Promise<UnaryEnd>;
  /** Ends it now, at the server too. */
  cancel(): void;
}

/**
 * Starts a call with one question and one answer, as the library's own client does, without its interceptors, its emitter
 * and its stack trace for each call: they are a third of what a small call costs.
 */
export function startUnary(
  channel: ChannelInterface,
  { path, message, metadata, deadline_ms }: { path: string; message: Buffer; metadata: Metadata; deadline_ms: number },
): UnaryCall {
  const ended = Promise.withResolvers<UnaryEnd>();
  const call = channel.createCall(path, deadline_ms, null, null, propagate.DEFAULTS);
  let begun = false;
  let answer: Buffer | null = null;
  call.start(metadata.clone(), {
    onReceiveMetadata: () => {
      begun = true;
    },
    onReceiveMessage: (given: Buffer) => {
      answer = given;
    },
    onReceiveStatus: (last) => ended.resolve({ status: last, begun, message: answer }),
  });
  call.startRead();
  call.sendMessageWithContext({}, message);
  call.halfClose();
  return { ended: ended.promise, cancel: () => call.cancelWithStatus(status.CANCELLED, "given up") };
}
