import { cameraDetections } from "./camera-detections.ts";
import { cameraEventCreated, cameraEventUpdated } from "./camera-event.ts";
import { cameraFrame } from "./camera-frame.ts";
import { cameraStatus } from "./camera-status.ts";
import { chatCancel } from "./chat-cancel.ts";
import { chatGreeting } from "./chat-greeting.ts";
import { chatLogin } from "./chat-login.ts";
import { chatMessage } from "./chat-message.ts";
import { chatResponse } from "./chat-response.ts";
import { chatResponseStream } from "./chat-response-stream.ts";
import type { EventType } from "./define-event.ts";
import { pipelineCancel } from "./pipeline-cancel.ts";
import { pipelineStatus } from "./pipeline-status.ts";
import { pipelineTrigger } from "./pipeline-trigger.ts";
import { matchSubject } from "./subjects.ts";
import { voiceRequest } from "./voice-request.ts";

/** Every event on the wire whose body is declared. */
export const eventTypes: readonly EventType[] = [
  cameraFrame,
  cameraDetections,
  cameraEventCreated,
  cameraEventUpdated,
  cameraStatus,
  chatMessage,
  chatCancel,
  chatLogin,
  chatGreeting,
  chatResponseStream,
  chatResponse,
  voiceRequest,
  pipelineTrigger,
  pipelineCancel,
  pipelineStatus,
] as unknown as EventType[];

/** The declared event that a subject carries, or null. */
export function eventTypeOf(subject: string): EventType | null {
  return eventTypes.find((event) => matchSubject(event, subject)) ?? null;
}
