const { BENCH_PROFILE } = process.env;

/** Arguments of Node for a process of ours: a CPU profile into the folder `BENCH_PROFILE`, where that is set. */
export const PROFILED: string[] = BENCH_PROFILE ? ["--cpu-prof", `--cpu-prof-dir=${BENCH_PROFILE}`] : [];
