import { randomUUID } from "node:crypto";
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { describeError } from "@gatehouse/errors";
import { sniffMediaType } from "@gatehouse/events";
import { FrameTooLargeError, MAX_IMAGE_BYTES } from "@gatehouse/media";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { GatewayRefusedError, UnreadableFileError } from "../errors.ts";
import { EXIT, Quit } from "../exit.ts";
import { type Access, findGateway } from "../gateway/access.ts";
import { askGateway } from "../gateway/ask-gateway.ts";
import { paintFor } from "../terminal/paint.ts";
import { homeDir, homeOption, jsonOption } from "./options.ts";

interface Published {
  frame_id: string;
  duplicate: boolean;
}

const HELP = `
JPEG, PNG or WebP, at most 8 MiB; "-" reads one picture from standard input.
Ends with 1 when a picture was refused; the others are published all the same.

Examples:
  gatehouse publish front-door yard-1.jpg yard-2.jpg
  ffmpeg -i rtsp://… -frames:v 1 -f mjpeg - | gatehouse publish gate -`;

export function publishCommand(context: Context): Command {
  return new Command("publish")
    .description("send pictures of a camera in")
    .argument("<camera>", "id of the camera; a new one is created")
    .argument("<file...>", 'pictures, or "-"')
    .addOption(homeOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (camera: string, files: string[], options: { home: string; json: boolean }) => {
      const access = findGateway(context, homeDir(context, options), "publish");
      let refused = 0;
      for (const file of files) {
        if (context.interrupts.first.aborted) break;
        if (!(await publishOne(context, access, camera, file, options.json))) refused++;
      }
      if (refused > 0) throw new Quit(EXIT.failed);
    });
}

async function publishOne(
  context: Context,
  access: Access,
  camera: string,
  file: string,
  json: boolean,
): Promise<boolean> {
  const { out, err, interrupts } = context;
  try {
    const { frame_id, duplicate } = await send(access, camera, await readPicture(context, file), interrupts.first);
    if (json) out.write(`${JSON.stringify({ file, camera_id: camera, frame_id, duplicate })}\n`);
    else out.write(`${paintFor(out)("green", "✓")} ${file}  ${frame_id}\n`);
    return true;
  } catch (error) {
    const described = describeError(error);
    const code = (error instanceof GatewayRefusedError && error.facts.code) || described.code;
    if (json)
      out.write(`${JSON.stringify({ file, camera_id: camera, error: { code, message: described.message } })}\n`);
    else err.write(`${paintFor(err)("red", "✗")} ${file}  ${code}  ${described.message}\n`);
    return false;
  }
}

/** The id is ours, so that sending the picture again after a lost answer changes nothing. */
function send(access: Access, camera: string, picture: Uint8Array, signal: AbortSignal): Promise<Published> {
  return askGateway<Published>(access, `/api/cameras/${encodeURIComponent(camera)}/frames`, {
    method: "POST",
    headers: {
      "content-type": sniffMediaType(picture) ?? "application/octet-stream",
      "idempotency-key": `${Date.now()}-${randomUUID().slice(0, 8)}`,
    },
    body: picture,
    signal,
  });
}

/** A whole picture, but never more than the doors take. */
async function readPicture({ cwd, stdin }: Context, file: string): Promise<Uint8Array> {
  if (file === "-") return readAll(stdin, "standard input");
  const handle = await open(resolve(cwd, file)).catch((cause: NodeJS.ErrnoException) => {
    throw new UnreadableFileError(`Cannot publish "${file}" as it must be a file that can be read: ${cause.code}`, {
      cause,
    });
  });
  try {
    return await readAll(handle.createReadStream({ autoClose: false }), `"${file}"`);
  } finally {
    await handle.close();
  }
}

async function readAll(source: AsyncIterable<Uint8Array>, name: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > MAX_IMAGE_BYTES)
      throw new FrameTooLargeError(
        `Cannot publish ${name} as a picture must be at most ${MAX_IMAGE_BYTES} bytes: it has more`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
