create table model_spending (
  kind              text collate "C" not null check (kind in ('user', 'service')),
  id                text collate "C" not null,
  day_ms            bigint not null,
  calls             bigint not null,
  local_calls       bigint not null,
  prompt_tokens     bigint not null,
  completion_tokens bigint not null,
  local_tokens      bigint not null,
  cost_micros       bigint not null,
  primary key (kind, id, day_ms)
);
create index model_spending_by_day on model_spending (day_ms);
