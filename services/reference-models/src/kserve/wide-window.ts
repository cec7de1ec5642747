import type { Http2Server, ServerHttp2Session } from "node:http2";
import type { Server } from "@grpc/grpc-js";

/** Bytes that may be under way to us, on a connection and on each call. */
const WINDOW_BYTES = 16 * 1024 * 1024;
/** The longest frame: tensors come in fewer pieces. */
const FRAME_BYTES = 1024 * 1024;

/**
 * Lets a gRPC server that listens take large messages at full speed: HTTP/2's usual 64 KiB make them wait for the
 * receiver's word again and again. The library reads `grpc-node.flow_control_window` on its client's side only, so this
 * reaches for its HTTP/2 servers.
 */
export function widenWindows(server: Server): void {
  // biome-ignore lint/complexity/useLiteralKeys: the field is private, and so the compiler still checks that it is there
  for (const listening of (server["http2Servers"] as Map<Http2Server, unknown>).keys())
    listening.on("session", (session: ServerHttp2Session) => {
      session.settings({ initialWindowSize: WINDOW_BYTES, maxFrameSize: FRAME_BYTES });
      session.setLocalWindowSize(WINDOW_BYTES);
    });
}
