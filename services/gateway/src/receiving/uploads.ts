import { UploadsBusyError } from "../errors.ts";

/** Bounds the memory of what is being received, all together. */
export interface Uploads {
  /** Reserves room, the most that it may have for a body that does not say its length; gives back what frees it, once. @throws {UploadsBusyError} */
  begin(content_length: string | undefined, most_bytes: number): () => void;
}

export function createUploads(max_bytes: number): Uploads {
  let reserved = 0;
  return {
    begin(content_length, most_bytes) {
      const bytes = content_length === undefined ? most_bytes : Number(content_length);
      if (reserved > 0 && reserved + bytes > max_bytes)
        throw new UploadsBusyError(
          `Cannot receive one more body now as all together must be at most ${max_bytes} bytes: current sum is ${reserved}`,
        );
      reserved += bytes;
      let open = true;
      return () => {
        if (open) reserved -= bytes;
        open = false;
      };
    },
  };
}
