import { DAY, MB, type StreamDeclaration, stream } from "./declaration.ts";

export const scan = (): StreamDeclaration => stream("SCAN", ["scan.>"], { max_age_ms: DAY, max_bytes: 64 * MB });
