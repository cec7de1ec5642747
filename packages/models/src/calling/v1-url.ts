/** The address of an OpenAI-compatible server, to which `/v1` is added unless it is there. */
export const v1Url = (url: string): string => (/\/v1\/*$/.test(url) ? url : `${url.replace(/\/+$/, "")}/v1`);
