import { expect, test } from "vitest";
import { formOf } from "./form.ts";

test("formOf() writes a form that others read, whatever bytes are in its files", async () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => (at % 7 === 0 ? 13 : at % 11 === 0 ? 10 : at));
  const { body, headers } = formOf([
    { name: "task", value: "<OCR>\r\n--gatehouse" },
    { name: "image", file: { bytes, media_type: "image/png\r\nx: y", filename: "picture.png" } },
  ]);
  expect(body).toContain(bytes);
  const whole = Buffer.concat(body);
  expect(headers["content-length"]).toBe(String(whole.length));
  const form = await new Response(whole, { headers }).formData();
  expect([...form.keys()]).toEqual(["task", "image"]);
  expect(form.get("task")).toBe("<OCR>\r\n--gatehouse");
  const file = form.get("image") as File;
  expect(file).toMatchObject({ name: "picture.png" });
  expect(new Uint8Array(await file.arrayBuffer())).toEqual(bytes);
});
