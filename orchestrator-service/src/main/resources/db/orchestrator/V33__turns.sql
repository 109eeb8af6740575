-- Who of several orchestrators does what only one may do, by the database's clock. Runs on PostgreSQL and on H2 in PostgreSQL mode.
create table turn (
  name varchar(64) primary key,
  owner varchar(128) not null,
  until_time timestamp(6) with time zone not null
);
