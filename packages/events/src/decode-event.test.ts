import { expect, test } from "vitest";
import { cameraDetections } from "./camera-detections.ts";
import { cameraEventCreated } from "./camera-event.ts";
import { cameraFrame } from "./camera-frame.ts";
import { chatMessage } from "./chat-message.ts";
import { encode, toJson } from "./codec.ts";
import { assertEvent, decodeEvent } from "./decode-event.ts";
import { pipelineTrigger } from "./pipeline-trigger.ts";
import { received, receivedAs, thrownBy } from "./received.fixture.ts";

const { camera_id: _inSubject, ...frame } = cameraFrame.example;

test("decodeEvent() fills an absent id in from the subject", () => {
  expect(decodeEvent(cameraFrame, received("camera.gate.frame", encode(frame))).camera_id).toBe("gate");
});

test("decodeEvent() refuses a body that names another id than its subject", () => {
  const thrown = thrownBy(() => decodeEvent(cameraFrame, received("camera.gate.frame", encode(cameraFrame.example))));
  expect(thrown).toMatchObject({ code: "ID_MISMATCH", retry: "never" });
  expect(thrown.message).toBe(
    'Cannot read camera-frame as camera_id must be "gate" as in its subject: current value is "front-door"',
  );
});

test.each([5, null, ["gate"], { id: "gate" }])("decodeEvent() calls %j a wrong id, not another one", (camera_id) => {
  const thrown = thrownBy(() =>
    decodeEvent(cameraFrame, received("camera.gate.frame", encode({ ...frame, camera_id }))),
  );
  expect(thrown.code).toBe("SCHEMA_VIOLATION");
  expect(thrown.message).toContain("camera_id must be text");
});

test.each([
  "camera.*.frame",
  "camera.a b.frame",
  "camera..frame",
  `camera.${"a".repeat(65)}.frame`,
  "camera.a/b.frame",
])("decodeEvent() refuses the subject %j", (subject) => {
  expect(thrownBy(() => decodeEvent(cameraFrame, received(subject, encode(frame)))).code).toBe("BAD_SUBJECT");
});

test.each(["camera.gate.detections", "camera.../../etc.frame", "camera.gate.frame.x", "", "frame"])(
  "decodeEvent() refuses %j as another event's subject",
  (subject) => {
    expect(thrownBy(() => decodeEvent(cameraFrame, received(subject, encode(frame)))).code).toBe("BAD_SUBJECT");
  },
);

test.each(["../../etc/passwd", "a/b", "", "a".repeat(129), "a\n"])(
  "decodeEvent() refuses the frame_id %j",
  (frame_id) => {
    const thrown = thrownBy(() =>
      decodeEvent(cameraFrame, received("camera.gate.frame", encode({ ...frame, frame_id }))),
    );
    expect(thrown.code).toBe("SCHEMA_VIOLATION");
    expect(thrown.message).toContain("frame_id must be text that matches");
  },
);

test("decodeEvent() reads base64 in JSON", () => {
  expect(decodeEvent(cameraFrame, receivedAs(cameraFrame, ` ${toJson(cameraFrame.example)}`))).toEqual(
    cameraFrame.example,
  );
});

test.each(["!!!!", "YQ", "YQ=a", 5])("decodeEvent() refuses %j where base64 must be", (image) => {
  const thrown = thrownBy(() => decodeEvent(cameraFrame, receivedAs(cameraFrame, JSON.stringify({ ...frame, image }))));
  expect(thrown.message).toContain("image must be bytes (in JSON base64 text): current value is");
});

test("decodeEvent() does not take base64 text for bytes in MessagePack", () => {
  expect(
    thrownBy(() => decodeEvent(cameraFrame, receivedAs(cameraFrame, encode({ ...frame, image: "YQ==" })))).code,
  ).toBe("SCHEMA_VIOLATION");
});

test("decodeEvent() fills in defaults, each time a fresh one", () => {
  const body = '{"request_id":"r-1","message":"hi"}';
  expect(decodeEvent(chatMessage, received("ai.chat.user.ada.message", body))).toEqual({
    request_id: "r-1",
    user_id: "ada",
    message: "hi",
    enable_streaming: true,
    enable_rag: false,
    enable_reranker: false,
    top_k: 5,
  });
  const trigger = () =>
    decodeEvent(pipelineTrigger, received("ai.pipeline.trigger", '{"request_id":"r","pipeline":"p"}'));
  expect(trigger().parameters).toEqual({});
  expect(trigger().parameters).not.toBe(trigger().parameters);
});

test("decodeEvent() drops unknown fields at every level", () => {
  const { example } = cameraDetections;
  const [first] = example.detections;
  const wordy = {
    ...example,
    extra: 1,
    model: { ...example.model, extra: 1 },
    image: { ...example.image, extra: 1 },
    detections: [{ ...first, extra: 1, box: { ...first!.box, extra: { deep: 1 } } }],
    timings_ms: { ...example.timings_ms, extra: 1 },
  };
  expect(decodeEvent(cameraDetections, receivedAs(cameraDetections, encode(wordy)))).toEqual(example);
  expect(decodeEvent(cameraDetections, receivedAs(cameraDetections, toJson(wordy)))).toEqual(example);
});

test("decodeEvent() names the path of what is wrong three levels down", () => {
  const { example } = cameraDetections;
  const detections = [example.detections[0], { ...example.detections[0], box: { x: 0, y: 3, w: 0, h: 0 } }];
  const read = (own: object) => () =>
    decodeEvent(cameraDetections, receivedAs(cameraDetections, encode({ ...example, ...own })));
  expect(thrownBy(read({ detections })).message).toBe(
    "Cannot read camera-detections as detections[1].box.y must be 0..1: current value is 3",
  );
  expect(thrownBy(read({ model: { ...example.model, version: 1 } })).message).toBe(
    "Cannot read camera-detections as model.version must be text: current value is 1",
  );
  expect(thrownBy(read({ image: { width: 1 } })).message).toBe(
    "Cannot read camera-detections as image.height is missing",
  );
});

test("decodeEvent() says what an optional-by-null field takes", () => {
  const { example } = cameraEventCreated;
  const read = (own: object) => () =>
    decodeEvent(cameraEventCreated, receivedAs(cameraEventCreated, encode({ ...example, ...own })));
  expect(thrownBy(read({ close_reason: "bored" })).message).toContain(
    'close_reason must be "timeout" or "idle" or "max_size" or null: current value is "bored"',
  );
  expect(thrownBy(read({ risk: { ...example.risk, score: 101 } })).message).toContain(
    "risk.score must be a whole number 0..100 or null: current value is 101",
  );
});

test("decodeEvent() refuses numbers that are none", () => {
  const { example } = cameraDetections;
  const timings_ms = { ...example.timings_ms, total: Number.NaN };
  expect(
    thrownBy(() => decodeEvent(cameraDetections, receivedAs(cameraDetections, encode({ ...example, timings_ms }))))
      .message,
  ).toContain("timings_ms.total must be at least 0: current value is NaN");
});

test("decodeEvent() shows of a large value only how large it is", () => {
  const image = { bytes: new Uint8Array(1_000_000) };
  const { message } = thrownBy(() =>
    decodeEvent(cameraFrame, received("camera.gate.frame", encode({ ...frame, image }))),
  );
  expect(message).toContain("current value is a map of 1");
  expect(message.length).toBeLessThan(200);
});

test("assertEvent() checks what this process made itself", () => {
  expect(assertEvent(cameraFrame, cameraFrame.example)).toBeUndefined();
  expect(thrownBy(() => assertEvent(cameraFrame, { ...cameraFrame.example, captured_at_ms: 1.5 })).code).toBe(
    "SCHEMA_VIOLATION",
  );
});
