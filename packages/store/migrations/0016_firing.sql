create table pipeline_schedules (
  name       text collate "C" primary key,
  cron       text not null,
  timezone   text not null,
  -- When it comes next; what was missed lies before.
  next_at_ms bigint not null
);

-- Runs of the engine in the house.
create table local_runs (
  run_name      text collate "C" primary key references pipeline_runs (run_name) on delete cascade,
  parameters    jsonb not null,
  state         text not null check (state in ('pending', 'running', 'succeeded', 'failed', 'cancelled')),
  message       text not null default '',
  outputs       jsonb,
  -- Raised with every change that is told.
  version       bigint not null default 1,
  listed        boolean not null default false,
  -- What is told of what was not taken.
  note          text not null default '',
  created_at_ms bigint not null,
  started_at_ms bigint,
  ended_at_ms   bigint
);

create table local_run_documents (
  run_name    text collate "C" not null references local_runs on delete cascade,
  -- Of a file: its path in the folder of documents. Of a text: its uri.
  name        text collate "C" not null,
  state       text not null check (state in ('waiting', 'put', 'ready', 'failed')),
  document_id text collate "C",
  unchanged   boolean not null default false,
  passages    integer not null default 0,
  error       text,
  primary key (run_name, name)
);
