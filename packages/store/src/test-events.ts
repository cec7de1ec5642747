import { type CameraDetections, type CameraEvent, cameraDetections, cameraEventCreated } from "@gatehouse/events";

/** The declared example of a detections event, changed where a test says so. */
export const aSet = (changes: Partial<CameraDetections> = {}): CameraDetections => ({
  ...cameraDetections.example,
  ...changes,
});

export const anEvent = (changes: Partial<CameraEvent> = {}): CameraEvent => ({
  ...cameraEventCreated.example,
  ...changes,
});

/** Detections with these labels. */
export const boxes = (...labels: string[]): CameraDetections["detections"] =>
  labels.map((label, i) => ({
    detection_id: `d.${i}`,
    label,
    confidence: 0.5 + i / 10,
    box: { x: 0, y: 0, w: 1, h: 1 },
  }));
