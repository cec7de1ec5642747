import type { TestGateway } from "./gateway.fixture.ts";

export interface Asked {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  /** A text as it is; anything else as JSON. */
  body?: string | object;
  headers?: Record<string, string>;
}

/** Asks a gateway's HTTP door with a key. */
export function askerOf({ url }: Pick<TestGateway, "url">, secret: string) {
  return async (path: string, { method = "GET", body, headers = {} }: Asked = {}) => {
    const is_json = typeof body === "object";
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(is_json ? { "content-type": "application/json" } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: is_json ? JSON.stringify(body) : body }),
    });
    const text = await response.text();
    // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever came
    return { status: response.status, body: (text ? JSON.parse(text) : null) as any };
  };
}
