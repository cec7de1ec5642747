import { resolve } from "node:path";
import { VideoUnreadableError } from "./errors.ts";
import { runFfmpeg } from "./ffmpeg.ts";
import { findJpegEnd } from "./jpeg-header.ts";
import { MAX_IMAGE_BYTES, MAX_PIXELS } from "./media-type.ts";

/** The containers that are opened. Others are refused: a playlist named `.mp4` could name other files of this machine. */
const CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi";

/** One picture of a video. */
export interface VideoFrame {
  /** From the video's beginning. */
  at_ms: number;
  /** The encoded picture, at most 8 MiB. */
  jpeg: Uint8Array;
}

/** How a video is read. */
export interface VideoFrameOptions {
  /** One frame in so many milliseconds, the first at 0. Default 1000. */
  every_ms?: number;
  /** Default 10. */
  max_frames?: number;
  /** Default 30000. */
  timeout_ms?: number;
  signal?: AbortSignal;
}

/**
 * Takes pictures out of a video file (mp4, mov, mkv, webm, avi) with an `ffmpeg` child process that reads this file and
 * nothing else. A video that breaks off gives the frames before that.
 * @throws {FfmpegMissingError} when there is no `ffmpeg`
 * @throws {VideoUnreadableError} when not one frame can be read
 * @throws {VideoTimeoutError}
 */
export async function extractVideoFrames(path: string, options: VideoFrameOptions = {}): Promise<VideoFrame[]> {
  const { every_ms = 1000, max_frames = 10, timeout_ms = 30_000, signal } = options;
  const { output, exit_code, complaint } = await runFfmpeg(argumentsFor(path, every_ms, max_frames), {
    timeout_ms,
    max_output_bytes: max_frames * MAX_IMAGE_BYTES,
    signal,
  });
  const frames = splitJpegs(output).filter((jpeg) => jpeg.length <= MAX_IMAGE_BYTES);
  if (frames.length > 0) return frames.map((jpeg, index) => ({ at_ms: index * every_ms, jpeg }));
  throw new VideoUnreadableError(
    `Cannot read video "${path}" as ffmpeg must find a frame in it: ${complaint || "it found none"}`,
    {
      facts: { exit_code },
    },
  );
}

/** `round=up`: each frame out is the newest one in at its time, so that the first is the video's first. */
function argumentsFor(path: string, every_ms: number, max_frames: number): string[] {
  const input = [
    "-protocol_whitelist",
    "file,pipe",
    "-format_whitelist",
    CONTAINERS,
    "-max_pixels",
    String(MAX_PIXELS),
  ];
  const filter = ["-map", "0:v:0", "-vf", `fps=fps=1000/${every_ms}:round=up`, "-frames:v", String(max_frames)];
  const output = ["-f", "image2pipe", "-c:v", "mjpeg", "-q:v", "4", "-pix_fmt", "yuvj420p", "pipe:1"];
  return [
    "-nostdin",
    "-hide_banner",
    "-loglevel",
    "error",
    "-threads",
    "1",
    ...input,
    "-i",
    `file:${resolve(path)}`,
    ...filter,
    ...output,
  ];
}

function splitJpegs(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const end = findJpegEnd(rest);
    if (end === null) break;
    found.push(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
  return found;
}
