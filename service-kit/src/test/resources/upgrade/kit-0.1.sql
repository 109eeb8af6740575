-- start
insert into task (name, request_id, request_sha256, job, request, state, progress, message,
        attempts, attempts_left, fence, worker, create_time, update_time)
values (:name, :requestId, :sha256, :job, :request, 'WAITING', 0, '',
        0, :attempts, 0, '', current_timestamp, current_timestamp)
on conflict do nothing;
-- oldest waiting
select number from task where state = 'WAITING' order by number limit 1
for update skip locked;
-- claim
update task set state = 'RUNNING', fence = fence + 1, attempts = attempts + 1, worker = :worker,
        lease_until = :until, progress = 0, message = '', update_time = current_timestamp
where number = :number;
-- read
select * from task where name = :name for update;
-- renew
update task set lease_until = :until, progress = :progress, message = :message,
        update_time = current_timestamp where number = :number;
-- wait again
update task set state = 'WAITING', attempts_left = :left, lease_until = null,
        update_time = current_timestamp where number = :number;
-- lost
select * from task where state = 'RUNNING' and lease_until < :now order by number
for update skip locked;
-- end
update task set state = :state, result = :result, error = :error, lease_until = null,
        progress = :progress, update_time = current_timestamp where number = :number;
-- tell
insert into outbox (topic, record_key, id, source, type, payload, create_time)
values (:topic, :key, :id, :source, :type, :payload, current_timestamp);
-- told
delete from outbox where number = :number;
-- heard
insert into inbox (source, id, create_time) values (:source, :id, current_timestamp) on conflict do nothing;
-- delete
delete from task where name = :name;
