export { REDRIVABLE } from "./dead-letters.ts";
export type { BucketDeclaration, ConsumerDeclaration, StreamDeclaration } from "./declaration.ts";
export { type MeshDeclaration, mesh, meshBytes } from "./mesh.ts";
export { STREAM_DEFAULTS, type StreamSettings } from "./settings.ts";
