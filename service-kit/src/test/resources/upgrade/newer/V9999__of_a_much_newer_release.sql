-- And one numbered above it.
alter table inbox add column of_a_much_newer_release integer;
