-- A device is called when the time of a task's retry has come, by one node and once.
ALTER TABLE task ADD COLUMN called timestamptz; -- its device, for the retry whose time had come
CREATE INDEX task_to_call ON task (retry_at)
	WHERE state = 'queued' AND retry_at IS NOT NULL AND (called IS NULL OR called < retry_at);
