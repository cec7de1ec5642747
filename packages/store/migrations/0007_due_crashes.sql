alter table due
  add column crashes integer not null default 0,
  add column trace   jsonb not null default '{}';
update due set trace = jsonb_build_object('traceparent', payload -> 'traceparent'), payload = payload - 'traceparent'
  where jsonb_typeof(payload) = 'object' and payload ? 'traceparent';
