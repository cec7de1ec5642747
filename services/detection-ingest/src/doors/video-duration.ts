import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";

const TIMEOUT_MS = 10_000;
const CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi";
const QUESTION = ["-show_entries", "format=duration", "-of", "csv=p=0"];

/** How long a video is, as its container says; null when it does not say, or there is no `ffprobe` (part of ffmpeg). */
export async function videoDurationMs(path: string, signal: AbortSignal): Promise<number | null> {
  const safe = ["-v", "error", "-protocol_whitelist", "file", "-format_whitelist", CONTAINERS];
  try {
    const { stdout } = await promisify(execFile)("ffprobe", [...safe, ...QUESTION, `file:${resolve(path)}`], {
      timeout: TIMEOUT_MS,
      killSignal: "SIGKILL",
      signal,
    });
    const duration_ms = Math.round(Number.parseFloat(stdout) * 1000);
    return duration_ms >= 0 ? duration_ms : null;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}
