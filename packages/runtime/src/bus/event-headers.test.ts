import { cameraDetections } from "@gatehouse/events";
import { expect, test } from "vitest";
import { eventHeaders } from "./event-headers.ts";

test("eventHeaders() says the content type, and the CloudEvents attributes only when asked", () => {
  expect(
    eventHeaders(cameraDetections, "gate.f-1.detections", { cloudevents: false, source: "detection-ingest" }, 0),
  ).toEqual({ "content-type": "application/msgpack" });
  expect(
    eventHeaders(cameraDetections, "gate.f-1.detections", { cloudevents: true, source: "detection-ingest" }, 0),
  ).toEqual({
    "content-type": "application/msgpack",
    "ce-specversion": "1.0",
    "ce-id": "gate.f-1.detections",
    "ce-type": "gatehouse.camera-detections",
    "ce-source": "/gatehouse/detection-ingest",
    "ce-time": "1970-01-01T00:00:00.000Z",
  });
});
