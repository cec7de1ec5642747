-- Cancelled before its message was taken in: what the reader of its answer is told then.
alter table request_owners add column cancelled jsonb;
