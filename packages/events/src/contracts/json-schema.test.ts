import { expect, test } from "vitest";
import { cameraDetections } from "../camera-detections.ts";
import { cameraEventCreated } from "../camera-event.ts";
import { cameraFrame } from "../camera-frame.ts";
import { chatMessage } from "../chat-message.ts";
import { jsonSchemaOf } from "./json-schema.ts";

test("jsonSchemaOf() calls bytes base64 text and a choice of words an enum", () => {
  const { properties, required } = jsonSchemaOf(cameraFrame);
  expect(properties!.image).toEqual({
    description: "Encoded JPEG, PNG or WebP, at most 8 MiB",
    type: "string",
    contentEncoding: "base64",
  });
  expect(properties!.media_type).toMatchObject({ type: "string", enum: ["image/jpeg", "image/png", "image/webp"] });
  expect(required).toEqual(["frame_id", "camera_id", "captured_at_ms", "media_type", "image"]);
});

test("jsonSchemaOf() goes into lists, maps and what may be null", () => {
  const { properties } = jsonSchemaOf(cameraDetections);
  expect(properties!.detections!.items!.properties!.box!.required).toEqual(["x", "y", "w", "h"]);
  expect(properties!.model!.anyOf!.map(({ type }) => type)).toEqual(["object", "null"]);
  expect(jsonSchemaOf(cameraEventCreated).properties!.close_reason!.anyOf![0]).toMatchObject({
    enum: ["timeout", "idle", "max_size"],
  });
});

test("jsonSchemaOf() keeps defaults", () => {
  expect(jsonSchemaOf(chatMessage).properties!.top_k).toMatchObject({ type: "integer", default: 5 });
});
