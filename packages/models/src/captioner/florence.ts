import { Type } from "@sinclair/typebox";
import type { Calling } from "../calling/calling.ts";
import type { Picture } from "../detector/detector.ts";
import { CaptionerAuthError, CaptionerDownError } from "../errors.ts";
import type { FlorenceConfig } from "../florence/config.ts";
import { FlorenceServer, florenceTask } from "../florence/florence-server.ts";
import type { Caption, Captioner, CaptionOptions } from "./captioner.ts";

const Words = Type.String({ minLength: 1, maxLength: 65_536 });

/** Florence-2 as a captioner. */
export class FlorenceCaptioner implements Captioner {
  readonly #server: FlorenceServer;
  readonly #brief = florenceTask("<CAPTION>", Words);
  readonly #detailed = florenceTask("<DETAILED_CAPTION>", Words);

  constructor(config: FlorenceConfig, calling: Calling) {
    const errors = { Down: CaptionerDownError, Auth: CaptionerAuthError };
    this.#server = new FlorenceServer({ config, action: "describe a picture", ...errors, calling });
  }

  async describe(picture: Picture, { detail, ...options }: CaptionOptions): Promise<Caption> {
    const task = detail === "detailed" ? this.#detailed : this.#brief;
    const { answer, model } = await this.#server.ask(task, { picture }, options);
    return { model, text: answer.trim() };
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#server.probe(signal);
  }

  close(): Promise<void> {
    return this.#server.close();
  }
}
