-- When bytes were left, so that they can be kept for as long as a backup takes. Runs on PostgreSQL and on H2 in PostgreSQL mode.
alter table leftover add column left_at timestamp with time zone default current_timestamp not null;
