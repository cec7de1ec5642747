import { type ChildProcess, spawn } from "node:child_process";
import { FfmpegMissingError, VideoTimeoutError, VideoUnreadableError } from "./errors.ts";

const MAX_STDERR_CHARACTERS = 2_000;

/** Bounds of one run of `ffmpeg`. */
export interface FfmpegLimits {
  timeout_ms: number;
  max_output_bytes: number;
  signal?: AbortSignal | undefined;
}

/** What a run gave: all it wrote, how it ended, and the end of what it complained about. */
export interface FfmpegOutput {
  output: Buffer;
  exit_code: number | null;
  complaint: string;
}

/**
 * Runs `ffmpeg` from PATH without a shell and collects its output. The child is killed (SIGKILL) when it takes too
 * long, writes too much, or `signal` aborts; it is gone when the promise settles.
 * @throws {FfmpegMissingError | VideoTimeoutError | VideoUnreadableError} or the signal's reason
 */
export async function runFfmpeg(args: readonly string[], limits: FfmpegLimits): Promise<FfmpegOutput> {
  limits.signal?.throwIfAborted();
  const child = spawn("ffmpeg", args, { stdio: ["ignore", "pipe", "pipe"], shell: false });
  const kill = new AbortController();
  const stop = (reason: unknown) => {
    kill.abort(reason);
    child.kill("SIGKILL");
  };
  const onAbort = () => stop(limits.signal?.reason);
  limits.signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => stop(timeoutError(limits.timeout_ms)), limits.timeout_ms);
  try {
    const result = await collect(child, limits.max_output_bytes, stop);
    kill.signal.throwIfAborted();
    return result;
  } finally {
    clearTimeout(timer);
    limits.signal?.removeEventListener("abort", onAbort);
  }
}

function collect(
  child: ChildProcess,
  max_output_bytes: number,
  stop: (reason: unknown) => void,
): Promise<FfmpegOutput> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let complaint = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= max_output_bytes) chunks.push(chunk);
    else
      stop(
        new VideoUnreadableError(`Cannot read video as its frames must be at most ${max_output_bytes} bytes together`),
      );
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8")).slice(-MAX_STDERR_CHARACTERS);
  });
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => reject(startError(cause)));
    child.once("close", (exit_code) =>
      resolve({ output: Buffer.concat(chunks), exit_code, complaint: complaint.trim() }),
    );
  });
}

function startError(cause: Error): Error {
  if (!("code" in cause) || cause.code !== "ENOENT") return cause;
  return new FfmpegMissingError(
    'Cannot read video as "ffmpeg" must be on PATH: it is not; install the package "ffmpeg"',
    { cause },
  );
}

function timeoutError(timeout_ms: number): Error {
  return new VideoTimeoutError(`Cannot read video as it must be read within ${timeout_ms} ms: it was not`, {
    facts: { timeout_ms },
  });
}
