import { readFile } from "node:fs/promises";
import type { FastifyPluginAsync } from "fastify";
import type { Deps } from "../deps.ts";

const FILES = [
  { url: "/", file: "index.html", type: "text/html; charset=utf-8" },
  { url: "/home.js", file: "home.js", type: "text/javascript; charset=utf-8" },
  { url: "/home.css", file: "home.css", type: "text/css; charset=utf-8" },
];

/** A small page for people: says what this is, logs in by the printed link, shows events as they come. */
export const homeRoutes: FastifyPluginAsync<Deps> = async (app) => {
  for (const { url, file, type } of FILES) {
    const body = await readFile(new URL(`../web/${file}`, import.meta.url));
    app.get(url, { config: { access: "anyone" }, schema: { hide: true } }, (_request, reply) =>
      reply.type(type).send(body),
    );
  }
};
