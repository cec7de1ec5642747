/** The joints of COCO's keypoint task, in its order (https://cocodataset.org/#keypoints-2017). Left and right are the body's own. */
export const JOINT_NAMES = [
  "nose",
  "left_eye",
  "right_eye",
  "left_ear",
  "right_ear",
  "left_shoulder",
  "right_shoulder",
  "left_elbow",
  "right_elbow",
  "left_wrist",
  "right_wrist",
  "left_hip",
  "right_hip",
  "left_knee",
  "right_knee",
  "left_ankle",
  "right_ankle",
] as const;

export type JointName = (typeof JOINT_NAMES)[number];
