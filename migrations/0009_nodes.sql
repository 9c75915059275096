-- Several nodes on one database: who waits for a task's end, and who does what is to be done by one at a time.
-- Oldest server: 0006

ALTER TABLE task ADD COLUMN awaited_by bigint, -- the node that holds an API call until the task ends, …
	ADD COLUMN awaited_until timestamptz;

CREATE TABLE lease (
	name text PRIMARY KEY,
	node bigint NOT NULL,
	until timestamptz NOT NULL
) WITH (fillfactor = 50);
