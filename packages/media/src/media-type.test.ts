import { expect, test } from "vitest";
import { declaredMediaType, sniffForeignMediaType, sniffMediaType } from "./media-type.ts";

const hex = (text: string) => Buffer.from(text, "hex");

test.each([
  ["image/jpeg", hex("ffd8ff")],
  ["image/png", hex("89504e470d0a1a0a")],
  ["image/webp", Buffer.from("RIFF\0\0\0\0WEBP", "latin1")],
])("sniffMediaType() knows %s by its signature, and not by a part of it", (media_type, signature) => {
  expect(sniffMediaType(Buffer.concat([signature, hex("00")]))).toBe(media_type);
  expect(sniffMediaType(signature)).toBe(media_type);
  for (let length = 0; length < signature.length; length++) {
    expect(sniffMediaType(signature.subarray(0, length))).toBeNull();
  }
});

test("sniffMediaType() takes no MessagePack map that begins with 0x89 for a PNG, and no other RIFF for a WebP", () => {
  expect(sniffMediaType(hex("89a1610189504e47"))).toBeNull();
  expect(sniffMediaType(Buffer.from("RIFF\0\0\0\0WAVEfmt ", "latin1"))).toBeNull();
});

test("sniffForeignMediaType() names pictures that are not taken, and nothing else", () => {
  expect(sniffForeignMediaType(Buffer.from("GIF89a"))).toBe("image/gif");
  expect(sniffForeignMediaType(Buffer.from("\0\0\0\x1cftypavif", "latin1"))).toBe("image/avif");
  expect(sniffForeignMediaType(Buffer.from("BMW is a car maker from Bavaria"))).toBeNull();
  expect(sniffForeignMediaType(Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"))).toBeNull();
});

test("declaredMediaType() reads one spelling, and nothing out of octet-stream", () => {
  expect(declaredMediaType("Image/JPG; charset=binary")).toBe("image/jpeg");
  expect(declaredMediaType("image/webp")).toBe("image/webp");
  expect(declaredMediaType("application/octet-stream")).toBeNull();
  expect(declaredMediaType("")).toBeNull();
  expect(declaredMediaType(undefined)).toBeNull();
});
