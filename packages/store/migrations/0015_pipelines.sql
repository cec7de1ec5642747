create table pipeline_runs (
  request_id      text collate "C" primary key,
  position        bigint generated always as identity,
  pipeline        text collate "C" not null,
  engine          text collate "C",
  namespace       text collate "C" not null default '',
  run_name        text collate "C" not null unique,
  parameters      jsonb not null,
  origin          text not null default 'request',
  state           text not null check (state in
    ('waiting', 'submitted', 'pending', 'running', 'succeeded', 'failed', 'error', 'cancelled')),
  message         text not null default '',
  error           jsonb,
  run_id          text,
  -- Of the engine's last word about the run: what is not newer is old news.
  version         bigint not null default 0,
  -- Raised whenever somebody takes the run to submit it: what an older holder writes is refused.
  epoch           bigint not null default 0,
  attempt         integer not null default 1,
  -- Of the next status.
  next_seq        integer not null default 0,
  taken_at_ms     bigint,
  -- Set before the engine is asked to make it, cleared by a sure answer: while it is set the engine may have it.
  posted_at_ms    bigint,
  doubts          integer not null default 0,
  not_before_ms   bigint,
  outputs         jsonb,
  artifacts       jsonb not null default '[]',
  cancelled_at_ms bigint,
  timed_out       boolean not null default false,
  -- The engine was not yet asked to go on with it.
  retrying        boolean not null default false,
  created_at_ms   bigint not null,
  submitted_at_ms bigint,
  started_at_ms   bigint,
  ended_at_ms     bigint,
  trace           jsonb not null default '{}'
);
create index pipeline_runs_waiting on pipeline_runs (engine, position) where state = 'waiting';
create index pipeline_runs_waiting_of_one on pipeline_runs (pipeline, position) where state = 'waiting';
create index pipeline_runs_open on pipeline_runs (engine, namespace, position) where state in ('submitted', 'pending', 'running');
create index pipeline_runs_taken on pipeline_runs (pipeline, taken_at_ms);
create index pipeline_runs_by_time on pipeline_runs (created_at_ms, request_id);

create table pipeline_statuses (
  request_id    text collate "C" not null references pipeline_runs on delete cascade,
  seq           integer not null,
  status        text not null,
  message       text not null,
  run_id        text,
  error         jsonb,
  outputs       jsonb,
  artifacts     jsonb not null default '[]',
  at_ms         bigint not null,
  published_seq bigint,
  primary key (request_id, seq)
);

-- Runs that were cancelled before they came.
create table pipeline_cancels (
  request_id text collate "C" primary key,
  at_ms      bigint not null
);
create index pipeline_cancels_by_time on pipeline_cancels (at_ms);
