-- Quotas: what a tenant has is counted while nobody else adds to it.

-- Locked by whoever adds something of a tenant.
create table tenant (
  name varchar(128) primary key
);

-- Null in rows that are older than these columns: their size is in the resource.
alter table model add column size_bytes bigint;
alter table dataset add column size_bytes bigint;
alter table model add column display_name varchar(200);
alter table dataset add column display_name varchar(200);
