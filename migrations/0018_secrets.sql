-- What is secret in a task's arguments is sealed, all of them together; `arguments` shows none of it then.
-- Oldest server: 0006

ALTER TABLE task ADD COLUMN sealed bytea; -- NULL: `arguments` are the whole of them
