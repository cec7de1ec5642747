/** The environment of a started server: nothing of ours, so no PG… variable changes it and no secret reaches it. */
export function serverEnvironment(): Record<string, string> {
  return { PATH: `${process.env.PATH ?? ""}:/usr/sbin:/usr/bin:/sbin:/bin`, LANG: "C", TZ: "UTC" };
}
