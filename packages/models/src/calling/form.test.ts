import { expect, test } from "vitest";
import { formOf } from "./form.ts";

test("formOf() writes a form that others read, whatever bytes are in its files", async () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => (at % 7 === 0 ? 13 : at % 11 === 0 ? 10 : at));
  const { body, content_type } = formOf([
    { name: "task", value: "<OCR>\r\n--gatehouse" },
    { name: "image", file: { bytes, media_type: "image/png\r\nx: y", filename: "picture.png" } },
  ]);
  const form = await new Response(body as Uint8Array<ArrayBuffer>, {
    headers: { "content-type": content_type },
  }).formData();
  expect([...form.keys()]).toEqual(["task", "image"]);
  expect(form.get("task")).toBe("<OCR>\r\n--gatehouse");
  const file = form.get("image") as File;
  expect(file).toMatchObject({ name: "picture.png" });
  expect(new Uint8Array(await file.arrayBuffer())).toEqual(bytes);
});
