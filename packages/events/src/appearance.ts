import { sniffMediaType } from "./sniff-media-type.ts";

/** Kinds of file that people send by mistake, by the text that they begin with. */
const SIGNATURES: readonly (readonly [text: string, at: number, kind: string])[] = [
  ["GIF8", 0, "a GIF picture"],
  ["BM", 0, "a BMP picture"],
  ["II*\0", 0, "a TIFF picture"],
  ["MM\0*", 0, "a TIFF picture"],
  ["ftyp", 4, "a video, HEIC or AVIF"],
  ["RIFF", 0, "a sound or video"],
  ["%PDF", 0, "a PDF"],
  ["PK\x03\x04", 0, "a ZIP archive"],
  ["\x1f\x8b", 0, "gzip"],
];
/** Enough to know text by. */
const LOOKED_AT = 512;
const BASE64 = /^(data:[\w/+.-]+;base64,)?[A-Za-z0-9+/\s]{40,}={0,2}\s*$/;

/** What bytes look like that nobody can read here, for the one who sent them: `text`, `a JSON list`, `gzip`. Never what they say. */
export function appearanceOf(body: Uint8Array): string {
  const text = textIn(body);
  if (text !== null) return kindOfText(text.trimStart());
  const picture = sniffMediaType(body);
  if (picture) return `a bare picture (${picture})`;
  const start = Buffer.from(body.buffer, body.byteOffset, body.byteLength).subarray(0, 16).toString("latin1");
  const known = SIGNATURES.find(([signature, at]) => start.startsWith(signature, at));
  if (known) return known[2];
  const [first = 0] = body;
  if ((first >= 0x90 && first <= 0x9f) || first === 0xdc || first === 0xdd) return "a MessagePack list";
  return `bytes that begin with "${Buffer.from(body.subarray(0, 8)).toString("hex")}"`;
}

/** The beginning as text; null when it is none. A letter may be cut in two where the look ends. */
function textIn(body: Uint8Array): string | null {
  try {
    const begin = body.subarray(0, LOOKED_AT);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(begin, { stream: begin.length < body.length });
    return /[^\P{Cc}\t\r\n]/u.test(text) ? null : text;
  } catch {
    return null;
  }
}

function kindOfText(text: string): string {
  if (text.startsWith("[")) return "a JSON list";
  if (text.startsWith("<")) return "HTML or XML";
  if (text.startsWith('"')) return "quoted text";
  return BASE64.test(text) ? "base64 text" : "text";
}
